/** Slack's most characters of `markdown_text` is 12,000 (https://docs.slack.dev/reference/methods/chat.postMessage). */
const mostMarkdown = 11_000;

/** The line that opens or closes a block of code. */
const fence = /^ {0,3}(```+|~~~+)/;

/**
 * The Markdown of an agent as texts of Slack, in order, cut at an end of a line or a word. A block of code that is cut goes on as
 * one. No text calls a person, a group or a channel.
 */
export const cutMarkdown = (markdown: string): readonly string[] => {
  const parts: string[] = [];
  let lines: string[] = [];
  let length = 0;
  let open: string | null = null;
  const end = (): void => {
    if (lines.some((line) => line.trim() !== "")) parts.push([...lines, ...closing(open)].join("\n"));
    lines = open === null ? [] : [open];
    length = open === null ? 0 : open.length + 1;
  };
  for (const whole of withoutCalls(markdown).split("\n"))
    for (const line of cutText(whole, mostMarkdown - 500)) {
      if (length + line.length + 1 > mostMarkdown) end();
      lines.push(line);
      length += line.length + 1;
      const [, marks] = fence.exec(line) ?? [];
      if (marks !== undefined) open = open === null ? line : isClosedBy(open, marks) ? null : open;
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

/** `<!channel>` and `<@U2>` would call people (https://docs.slack.dev/messaging/formatting-message-text). */
const withoutCalls = (text: string): string => text.replaceAll(/<(?=[!@#])/g, "&lt;");

/** A plain text in parts of at most so many characters, cut at an end of a line or a word if there is one. */
export const cutText = (text: string, most: number): readonly string[] => {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > most) {
    const head = rest.slice(0, most);
    const at = Math.max(head.lastIndexOf("\n"), head.lastIndexOf(" "));
    // Not between the halves of a character.
    const cut = at > most / 2 ? at : /[\ud800-\udbff]$/.test(head) ? most - 1 : most;
    parts.push(rest.slice(0, cut));
    rest = rest.slice(at > most / 2 ? cut + 1 : cut);
  }
  return rest === "" && parts.length > 0 ? parts : [...parts, rest];
};
