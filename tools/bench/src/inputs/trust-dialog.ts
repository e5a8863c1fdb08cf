const escape = "\u001b";

/** Words as Claude Code 2.1.328 places them: with a move to the column, not with spaces. */
const placed = (text: string): string =>
  [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => `${escape}[${index + 2}G${word}`).join("");

/** The folder in the dialog. */
export const trustedFolder = "/work/project";

const question = [
  "Accessing workspace:",
  "",
  trustedFolder,
  "",
  "Quick safety check: Is this a project you created or one you trust? (Like your own code, a well-known open source",
  "project, or work from your team). If not, take a moment to review what's in this folder first.",
  "",
  "Claude Code'll be able to read, edit, and execute files here.",
  "",
  "Security guide",
  "",
  "❯ No, exit",
  "  Yes, I trust this folder",
  "",
  "Enter to confirm · Esc to cancel",
];

/** The trust dialog as that version writes it, in two chunks. */
export const trustDialog: readonly string[] = [
  `${escape}7${escape}[r${escape}8${escape}[?25l${escape}[?2004h${escape}[?1004h\r\n${"─".repeat(120)}\r\n`,
  `${question.map(placed).join("\r\n")}\r\n${escape}[1C${escape}[4A`,
];
