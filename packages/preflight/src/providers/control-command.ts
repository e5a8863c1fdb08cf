/** What makes Claude Code speak its control protocol on stdin and stdout. It goes before the protected command's arguments. */
export const controlArgs: readonly string[] = [
  ...["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"],
  // Without it 2.1.212 - 2.1.231 leave a folder in ~/.claude/projects for every workspace, and a transcript in the last.
  "--no-session-persistence",
];

/** A CLI that is only asked about folders sends nothing anywhere; without it a file of unsent telemetry is left behind. */
export const quietVariables: { readonly [name: string]: string } = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
};
