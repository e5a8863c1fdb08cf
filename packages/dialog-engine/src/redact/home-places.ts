import type { Flat } from "./flatten.ts";
import type { Mark } from "./grams.ts";

/** Marks the names in the path of a home folder at every place. Slashes, length and depth stay. */
export const findHome = ({ text, at }: Flat, home: string, mark: Mark): void => {
  if (!/^(?:[A-Z]:)?[\\/]+[^\\/]/iu.test(home)) return;
  const path = home.replace(/[\\/]+$/u, "");
  const from = /^(?:[A-Z]:)?/iu.exec(path)?.[0].length ?? 0;
  for (let found = text.indexOf(path); found >= 0; found = text.indexOf(path, found + 1)) {
    const end = found + path.length;
    if (nameContinues(text, at, end)) continue;
    for (let each = found + from; each < end; each += 1)
      if (!/[\\/]/u.test(text[each] ?? "")) mark(each, each + 1);
  }
};

/**
 * True if the name continues, so that the path is another folder: /home/ann occurs in /home/anna. A dot may end a
 * sentence.
 */
const nameContinues = (text: string, at: Int32Array, end: number): boolean => {
  const isNext = at[end] === (at[end - 1] ?? 0) + 1;
  return isNext && /^(?:[\p{L}\p{N}_-]|\.[\p{L}\p{N}_-])/u.test(text.slice(end, end + 2));
};
