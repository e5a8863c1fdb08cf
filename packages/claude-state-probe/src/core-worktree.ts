/** The text of a value as git reads it: a comment left out, quotes and escapes resolved. */
const valueOf = (written: string): string => {
  const text = /^(?:"(?:\\.|[^"\\])*"|\\.|[^"\\#;])*/.exec(written)?.[0] ?? "";
  return text.trimEnd().replace(/\\(.)|"/g, (_, escaped?: string) => escaped ?? "");
};

/**
 * `core.worktree` of a git configuration: the working tree that a git directory elsewhere belongs to, as git writes it into
 * a submodule. The last one counts; null where there is none. What `include` would bring is not looked at.
 */
export const coreWorktree = (config: string): string | null => {
  let [section, found]: [string, string | null] = ["", null];
  for (const line of config.replace(/\\\r?\n/g, "").split(/\r?\n/)) {
    const header = /^\s*\[([^\]]*)\]/.exec(line);
    if (header) section = header[1]?.trim().toLowerCase() ?? "";
    const value = /^\s*worktree\s*=\s*(.*)$/i.exec(line.slice(header?.[0].length ?? 0))?.[1];
    if (section === "core" && value !== undefined) found = valueOf(value);
  }
  return found;
};
