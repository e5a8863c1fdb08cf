/**
 * The queries of a program that the dialog engine answers as a terminal: device attributes, status and cursor
 * position, XTVERSION, kitty keyboard flags, modes, the size in cells, colours, settings (DECRQSS).
 */
const questions = new RegExp(
  [
    "(?:\\u001b\\[|\\u009b)(?:[?>=]?[\\d;]{0,16}[cn]|>\\d{0,4}q|\\?\\d{0,4}u|\\??\\d{1,5}\\$p|18t)",
    "(?:\\u001b\\]|\\u009d)1[01];\\?(?:\\u0007|\\u001b\\\\|\\u009c)",
    "(?:\\u001bP|\\u0090)\\$q[^\\u001b\\u009c]{1,3}(?:\\u001b\\\\|\\u009c)",
  ].join("|"),
  "gu",
);

/** Maximum length of a query in UTF-16 units. */
const longest = 32;

/** Takes output in chunks, split anywhere. Returns only the queries that each chunk completes. */
export const questionsIn = (): ((output: string) => string) => {
  let open = "";
  return (output) => {
    const text = open + output;
    const found = [...text.matchAll(questions)];
    const last = found.at(-1);
    const rest = text.slice(last === undefined ? 0 : last.index + last[0].length);
    open = rest.slice(-longest);
    return found.map(([question]) => question).join("");
  };
};
