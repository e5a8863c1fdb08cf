/** Shells for which the client completes words. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/**
 * The script calls `ncl completion words` with the words before the cursor. Without a host it completes
 * nothing.
 */
export const completionScript: Readonly<Record<Shell, string>> = {
  bash: `_ncl() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$(ncl completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _ncl ncl
`,
  zsh: `#compdef ncl
_ncl() {
  local -a candidates
  candidates=("\${(@f)$(ncl completion words -- "\${(@)words[2,CURRENT-1]}" 2>/dev/null)}")
  compadd -a candidates
}
compdef _ncl ncl
`,
  fish: `complete -c ncl -f -a '(ncl completion words -- (commandline -opc)[2..] 2>/dev/null)'
`,
};

/** The words of a command: all words before the first flag. */
export const wordsBefore = (typed: readonly string[]): readonly string[] => {
  const flag = typed.findIndex((word) => word.startsWith("-"));
  return flag === -1 ? typed : typed.slice(0, flag);
};

/** The possible next words, from the host's help for these words. */
export const candidates = (help: unknown, before: readonly string[]): readonly string[] => {
  const page = fields(help);
  const flags = texts(page["flags"], "flag");
  if (flags.length > 0) return flags;
  const resources = texts(page["resources"], "resource");
  const commands = texts(page["commands"], "command").map((words) => words.split(" ")[before.length] ?? "");
  return [...new Set([...resources, ...commands])].filter((word) => word !== "");
};

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** The values of one field of a list's entries; values that are not text are left out. */
const texts = (list: unknown, name: string): readonly string[] =>
  Array.isArray(list)
    ? list.map((each) => fields(each)[name]).filter((text) => typeof text === "string")
    : [];
