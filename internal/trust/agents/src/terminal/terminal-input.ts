import type { ReadStream, WriteStream } from "node:tty";

/**
 * Input that the terminal sends by itself: replies to a program's queries, and focus changes. It arrives on
 * the same stream as a person's keys. `CSI u` and `CSI R` without these marks are keys (kitty protocol, F3).
 */
const replies: readonly { readonly name: string; readonly pattern: string }[] = [
  { name: "device attributes", pattern: String.raw`\x1b\[[?>=][\d;]*c` },
  { name: "cursor position", pattern: String.raw`\x1b\[\??\d+;\d+R` },
  { name: "status, colour scheme", pattern: String.raw`\x1b\[\??[\d;]*n` },
  { name: "kitty keyboard flags", pattern: String.raw`\x1b\[\?\d+u` },
  { name: "mode reports", pattern: String.raw`\x1b\[\??[\d;]+\$y` },
  { name: "window size", pattern: String.raw`\x1b\[[\d;]+t` },
  { name: "focus", pattern: String.raw`\x1b\[[IO]` },
  { name: "colours", pattern: String.raw`\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)` },
  { name: "XTVERSION, DECRQSS, XTGETTCAP", pattern: String.raw`\x1bP[^\x1b]*\x1b\\` },
  { name: "kitty graphics", pattern: String.raw`\x1b_[^\x1b]*\x1b\\` },
];

const onlyReplies = new RegExp(`^(?:${replies.map(({ pattern }) => pattern).join("|")})*$`);

/** True if a person typed something in this input; false if it holds only the terminal's replies. */
export const isTyped = (input: string): boolean => !onlyReplies.test(input);

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
