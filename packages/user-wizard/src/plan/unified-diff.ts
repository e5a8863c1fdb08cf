/** Lines shown around a change, as diff -u has it. */
const context = 3;

const noLineEnd = "\\ No newline at end of file";

/**
 * What changed between two texts, as `diff -u` writes it and `patch` takes it: one hunk from the first line that
 * differs to the last one. Empty where nothing changed.
 */
export const unifiedDiff = (before: string, after: string, name: string): string => {
  if (before === after) return "";
  const [old, now] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head += 1;
  let tail = 0;
  const most = Math.min(old.length, now.length) - head;
  while (tail < most && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const first = Math.max(head - context, 0);
  const last = Math.max(tail - context, 0);
  const hunk = [
    ...old.slice(first, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...now.slice(head, now.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail, old.length - last).map((line) => ` ${line}`),
  ];
  const [oldSpan, newSpan] = [span(first, old.length - last), span(first, now.length - last)];
  const header = [`--- ${name}\n`, `+++ ${name}\n`, `@@ -${oldSpan} +${newSpan} @@\n`];
  return [...header, ...hunk.map(closed)].join("");
};

/** Each with its line end; the last one may have none. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const closed = (line: string): string => (line.endsWith("\n") ? line : `${line}\n${noLineEnd}\n`);

/** Lines from 1. Of no lines the number is that of the line before. */
const span = (from: number, to: number): string => {
  const count = to - from;
  return `${count === 0 ? from : from + 1}${count === 1 ? "" : `,${count}`}`;
};
