/** The text of a value as git reads it: without a comment, and with quotes and escapes resolved. */
const valueOf = (written: string): string => {
  const text = /^(?:"(?:\\.|[^"\\])*"|\\.|[^"\\#;])*/.exec(written)?.[0] ?? "";
  return text.trimEnd().replace(/\\(.)|"/g, (_, escaped?: string) => escaped ?? "");
};

/**
 * Reads `core.worktree` from a git configuration: the working tree of a git directory elsewhere, as git
 * writes it for a submodule. The last entry counts; null if there is none. Files named by `include` are not
 * read.
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
