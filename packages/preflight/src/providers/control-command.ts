/**
 * The arguments that make Claude Code use its control protocol on stdin and stdout. They go before the
 * protected command's.
 */
export const controlArgs: readonly string[] = [
  ...["-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"],
  // Without it 2.1.212 - 2.1.231 leave a folder in ~/.claude/projects for every workspace, and a transcript
  // in the last.
  "--no-session-persistence",
];

/**
 * A CLI that only answers questions about folders sends no telemetry; without these it leaves a file of
 * unsent telemetry.
 */
export const quietVariables: { readonly [name: string]: string } = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
};
