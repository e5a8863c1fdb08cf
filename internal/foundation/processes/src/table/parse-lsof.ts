import { Buffer } from "node:buffer";
import type { WorkingProcess } from "./process-table.ts";

/**
 * Parses the output of `lsof -d cwd -F pn`: a line for each field, `p` with the process, `f` with `cwd`, `n`
 * with the folder. If lsof may not read the folder of a process, its path is followed by a text in brackets,
 * or is missing.
 */
export const parseLsof = (printed: string): readonly WorkingProcess[] => {
  const found: WorkingProcess[] = [];
  let pid: number | null = null;
  for (const line of printed.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) pid = /^\d+$/.test(value) ? Number(value) : null;
    else if (line.startsWith("n/") && pid !== null) found.push({ pid, folder: unescaped(value) });
  }
  return found;
};

const letters: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", "\\": "\\" };

/** lsof prints a letter that is not in the locale as `\xc3\xa9`, its bytes in UTF-8 (lsof(8), OUTPUT). */
const unescaped = (text: string): string =>
  text.replaceAll(/((?:\\x[0-9a-f]{2})+)|\\([bfnrt\\])/g, (_, bytes?: string, letter = "") =>
    bytes === undefined
      ? (letters[letter] ?? letter)
      : Buffer.from(bytes.replaceAll("\\x", ""), "hex").toString("utf8"),
  );
