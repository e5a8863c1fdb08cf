import type { Answer } from "../provider.ts";

/** A tag that may begin or end a block; one that begins a block stands at the beginning of a line. */
const tag = /^[ \t]*<message to="([^"\n]+)">|<\/message>/gm;

/**
 * What a model says, and to whom. Text outside of blocks is the model's own and is sent to nobody:
 *
 *     I will tell both.
 *     <message to="team">It is done.</message>
 *     <message to="ana">Done; write </message> to end a block.</message>
 *
 * A body is whole, also with a closing tag or a whole block quoted in it: a block ends at the last closing tag
 * before the next one begins.
 */
export const answersIn = (text: string): readonly Required<Pick<Answer, "text" | "to">>[] => {
  const found: { to: string; from: number; until: number | null; depth: number }[] = [];
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
  return found.flatMap(({ to, from, until }) =>
    until === null ? [] : [{ to, text: text.slice(from, until).trim() }],
  );
};
