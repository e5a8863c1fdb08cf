/** The line that opens or closes a block of code. */
const fence = /^ {0,3}(`{3,20}(?!`)|~{3,20}(?!~))/;

/** Most characters of the line that opens a cut block again, and of the one that closes it. */
const mostFence = 60;

/**
 * The Markdown of an agent in texts of at most so many UTF-16 units, in order, cut at an end of a line or a word. A block of code
 * that is cut goes on as one. A text that is blank is left out.
 */
export const cutMarkdown = (markdown: string, most: number): readonly string[] => {
  const parts: string[] = [];
  let lines: string[] = [];
  let length = 0;
  let open: string | null = null;
  const end = (): void => {
    if (lines.some((line) => line.trim() !== "")) parts.push([...lines, ...closing(open)].join("\n"));
    lines = open === null ? [] : [open];
    length = open === null ? 0 : open.length + 1;
  };
  for (const whole of markdown.split("\n"))
    for (const line of cutText(whole, most - 2 * mostFence)) {
      if (length + line.length + 1 > most - mostFence) end();
      lines.push(line);
      length += line.length + 1;
      const [, marks] = fence.exec(line) ?? [];
      if (marks !== undefined)
        open = open === null ? line.slice(0, mostFence) : isClosedBy(open, marks) ? null : open;
    }
  open = null;
  end();
  return parts;
};

const closing = (open: string | null): readonly string[] => {
  const [, marks] = fence.exec(open ?? "") ?? [];
  return marks === undefined ? [] : [marks];
};

const isClosedBy = (open: string, marks: string): boolean => {
  const [, begun = ""] = fence.exec(open) ?? [];
  return marks.startsWith(begun);
};

/** A plain text in parts of at most so many characters, cut at an end of a line, else of a word, in the second half of a part. */
export const cutText = (text: string, most: number): readonly string[] => {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const at = ["\n", " "].map((end) => rest.lastIndexOf(end, most)).find((end) => end > most / 2);
    // Not between the halves of a character.
    const cut = at ?? (/[\ud800-\udbff]/.test(rest[most - 1] ?? "") ? most - 1 : most);
    parts.push(rest.slice(0, cut));
    rest = rest.slice(at === undefined ? cut : cut + 1);
  }
  return rest === "" && parts.length > 0 ? parts : [...parts, rest];
};
