import type { Answer } from "../provider.ts";

/** A tag that may begin or end a block. A tag that begins a block must be at the beginning of a line. */
const tag = /^[ \t]*<message to="([^"\n]+)">|<\/message>/gm;

/**
 * Reads the messages in a model's text, each with its destination. Text outside of blocks is not sent:
 *
 *     I will tell both.
 *     <message to="team">It is done.</message>
 *     <message to="ana">Done; write </message> to end a block.</message>
 *
 * A body may contain a closing tag or a quoted block: a block ends at the last closing tag
 * before the next one begins.
 */
export const answersIn = (text: string): readonly Required<Pick<Answer, "text" | "to">>[] =>
  blocksIn(text).flatMap(({ to, from, until }) =>
    until === null ? [] : [{ to, text: text.slice(from, until).trim() }],
  );

/**
 * The part for one destination of a text that is still being written; null stands for an origin that has no name.
 * Without a block it is the whole text. A tag that is not complete yet is left out.
 */
export const partFor = (text: string, to: string | null): string => {
  const begun = withoutOpenTag(text);
  const blocks = blocksIn(begun);
  if (blocks.length === 0) return begun.trim();
  return blocks
    .filter((block) => block.to === to)
    .map(({ from, until, depth }) => begun.slice(from, depth > 0 ? undefined : (until ?? undefined)).trim())
    .join("\n\n");
};

/** Puts a line at the end of the last message in a text that was cut. A block that is still open ends with it. */
export const withLastLine = (cut: string, line: string): string => {
  const text = withoutOpenTag(cut);
  const last = blocksIn(text).at(-1);
  if (last === undefined) return `${text.trimEnd()}\n\n${line}`;
  const { until, depth } = last;
  const message = depth > 0 ? `${text}${"</message>".repeat(depth - 1)}` : text.slice(0, until ?? undefined);
  return `${message.trimEnd()}\n\n${line}\n</message>`;
};

/** Leaves out a tag that is not complete yet. */
const withoutOpenTag = (text: string): string => text.replace(/<\/?(?:m[^>\n]{0,200})?$/, "");

/** A block of a text. `until` is its last closing tag so far; with a `depth` above 0 it is still open. */
type Block = { to: string; from: number; until: number | null; depth: number };

const blocksIn = (text: string): readonly Block[] => {
  const found: Block[] = [];
  for (const match of text.matchAll(tag)) {
    const [all, to] = match;
    const current = found.at(-1);
    const isOpen = current !== undefined && current.depth > 0;
    if (to !== undefined && isOpen) current.depth += 1;
    else if (to !== undefined) found.push({ to, from: match.index + all.length, until: null, depth: 1 });
    else if (current !== undefined) {
      current.depth = Math.max(0, current.depth - 1);
      current.until = match.index;
    }
  }
  return found;
};
