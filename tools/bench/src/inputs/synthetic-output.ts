const escape = "\u001b";
const spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const words = [
  "reading",
  "src/index.ts",
  "naïve",
  "构建",
  "passed",
  "—",
  "0.42s",
  "✔",
  "warning:",
  "const",
  "=>",
  "👍",
];

/** A small generator with a fixed seed, so that every run measures the same bytes. */
const sequence = (): (() => number) => {
  let state = 42;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31);
};

/** One line as agents draw it: each word is placed by a column move and coloured, some words are styled. */
const line = (next: () => number): string => {
  let [text, column] = ["", 3];
  while (column < 110) {
    const word = words[next() % words.length] ?? "";
    text += `${escape}[${column}G${escape}[38;5;${next() % 256}m${word}${escape}[39m`;
    column += word.length + 2 + (next() % 5);
  }
  return `${text}\r\n`;
};

/** A frame: some log lines scroll by, then the box with the spinner is redrawn in its place. */
const frame = (index: number, next: () => number): string => {
  const log = Array.from({ length: 1 + (next() % 4) }, () => line(next)).join("");
  const box = [
    `╭${"─".repeat(118)}╮`,
    `│ ${escape}[1m${spinner[index % spinner.length]}${escape}[22m working, ${index} frames${escape}[120G│`,
    `╰${"─".repeat(118)}╯`,
  ];
  const erase = `${escape}[2K${escape}[1A`.repeat(box.length);
  return `${escape}[?25l${erase}${log}${box.join("\r\n")}\r\n${escape}[?25h`;
};

/** At least this many bytes of a busy agent's screen, one chunk per frame. */
export const syntheticOutput = (bytes: number): readonly string[] => {
  const next = sequence();
  const frames: string[] = [];
  for (let size = 0; size < bytes; size += Buffer.byteLength(frames.at(-1) ?? ""))
    frames.push(frame(frames.length, next));
  return frames;
};
