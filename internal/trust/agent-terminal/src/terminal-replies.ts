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
