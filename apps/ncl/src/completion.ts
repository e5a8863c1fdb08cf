/** Shells that the client can complete words in. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** Asks `ncl completion words` with what stands before the cursor; without a host there is nothing to complete. */
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

/** The words that lead to a command: up to the first flag. */
export const wordsBefore = (typed: readonly string[]): readonly string[] => {
  const flag = typed.findIndex((word) => word.startsWith("-"));
  return flag === -1 ? typed : typed.slice(0, flag);
};

/** What may come next, from the host's help on these words. */
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

/** One field of each entry of a list, where it is text. */
const texts = (list: unknown, name: string): readonly string[] =>
  Array.isArray(list)
    ? list.map((each) => fields(each)[name]).filter((text) => typeof text === "string")
    : [];
