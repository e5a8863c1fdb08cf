/** The arguments that make Claude Code speak its control protocol on stdin and stdout. The protected command's follow. */
export const controlArgs: readonly string[] = [
  ...["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"],
  // Without it 2.1.212 - 2.1.231 leave a folder in ~/.claude/projects for every workspace, and a transcript in the last
  // one.
  "--no-session-persistence",
];

/** The CLI only answers questions about folders. Without this variable it leaves a file of unsent telemetry behind. */
export const quietVariables: { readonly [name: string]: string } = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
};
