import type { ReadStream, WriteStream } from "node:tty";

/** Ctrl-Z in the forms that terminals send: plain, in the kitty protocol, with modifyOtherKeys. */
const suspendKeys: readonly string[] = ["\x1a", "\x1b[122;5u", "\x1b[27;5;122~"];

/** The input before a Ctrl-Z at its end; null if it does not end with one. Windows has no job control. */
export const typedBeforeSuspend = (input: string): string | null => {
  const key = suspendKeys.find((candidate) => input.endsWith(candidate));
  return key === undefined || process.platform === "win32" ? null : input.slice(0, -key.length);
};

/**
 * Resets the modes that a program may leave set: alternate screen, hidden cursor, mouse, paste, focus,
 * keyboard protocol, colours. Moves the cursor below all output.
 */
export const resetModes =
  "\x1b[?1049l\x1b[?25h\x1b[?1000;1002;1003;1006l\x1b[?2004l\x1b[?1004l\x1b[>4m\x1b[<u\x1b[0m\x1b[999;1H\r\n";

/**
 * Returns the terminal to the shell until `fg`. The agent leads its own session, and there the kernel does
 * not stop a process that stops itself: Claude Code 2.1.328 then waits for a SIGCONT that never comes. So we
 * stop our own process, and npm if it started us. The agent keeps running; at SIGCONT it sets its modes and
 * redraws.
 */
export const suspend = (agent: number, input: ReadStream, output: WriteStream): void => {
  input.setRawMode(false);
  output.write(resetModes);
  process.kill(0, "SIGTSTP");
  input.setRawMode(true);
  process.kill(-agent, "SIGCONT");
};
