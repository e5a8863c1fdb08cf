import type { ReadStream, WriteStream } from "node:tty";

/** Ctrl-Z as terminals send it: plain, in the kitty protocol, with modifyOtherKeys. */
const suspendKeys: readonly string[] = ["\x1a", "\x1b[122;5u", "\x1b[27;5;122~"];

/** What was typed before a Ctrl-Z at the end of this input; null where there is none. Windows has no job control. */
export const typedBeforeSuspend = (input: string): string | null => {
  const key = suspendKeys.find((candidate) => input.endsWith(candidate));
  return key === undefined || process.platform === "win32" ? null : input.slice(0, -key.length);
};

/**
 * Undoes what a program left set: alternate screen, hidden cursor, mouse, paste, focus, keyboard protocol, colours;
 * and leaves the cursor below everything.
 */
export const resetModes =
  "\x1b[?1049l\x1b[?25h\x1b[?1000;1002;1003;1006l\x1b[?2004l\x1b[?1004l\x1b[>4m\x1b[<u\x1b[0m\x1b[999;1H\r\n";

/**
 * Gives the terminal back to the shell until `fg`. The agent leads a session of its own, where the kernel discards its
 * wish to stop: Claude Code 2.1.328 then waits for a SIGCONT that never comes. So it is us who stop, with npm around
 * us; the agent runs on, and at SIGCONT it sets its modes and draws itself again.
 */
export const suspend = (agent: number, input: ReadStream, output: WriteStream): void => {
  input.setRawMode(false);
  output.write(resetModes);
  process.kill(0, "SIGTSTP");
  input.setRawMode(true);
  process.kill(-agent, "SIGCONT");
};
