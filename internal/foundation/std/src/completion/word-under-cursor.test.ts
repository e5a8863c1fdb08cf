import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { insertedFor, readWord } from "./word-under-cursor.ts";

/** The default `COMP_WORDBREAKS` of bash 5.2, without blanks. */
const breaks = "\"'@><=;|&(:";

describe("readWord", () => {
  test.for([
    { typed: "", word: { text: "", quote: "", start: 0 } },
    { typed: "ag-1", word: { text: "ag-1", quote: "", start: 0 } },
    { typed: "My\\ Re", word: { text: "My Re", quote: "", start: 0 } },
    { typed: '"My Re', word: { text: "My Re", quote: '"', start: 0 } },
    { typed: "'My Re", word: { text: "My Re", quote: "'", start: 0 } },
    { typed: "'it\\", word: { text: "it\\", quote: "'", start: 0 } },
    { typed: '"a\\"b\\c', word: { text: 'a"b\\c', quote: '"', start: 0 } },
    { typed: "telegram:60", word: { text: "telegram:60", quote: "", start: 9 } },
    { typed: "telegram\\:60", word: { text: "telegram:60", quote: "", start: 0 } },
    { typed: "--name=Re", word: { text: "--name=Re", quote: "", start: 7 } },
    { typed: '--name="My Re', word: { text: "--name=My Re", quote: '"', start: 7 } },
    { typed: "ends\\", word: { text: "ends", quote: "", start: 0 } },
    { typed: "$(reboot)", word: { text: "$(reboot)", quote: "", start: 2 } },
  ])("reads $typed", ({ typed, word }) => expect(readWord(typed, breaks)).toEqual(word));
});

describe("insertedFor", () => {
  test.for([
    { typed: "", value: "My Research", inserted: "My\\ Research" },
    { typed: "", value: 'O\'Brien & "co"', inserted: 'O\\\'Brien\\ \\&\\ \\"co\\"' },
    { typed: "", value: "Zürich-研究", inserted: "Zürich-研究" },
    { typed: "", value: "$(reboot)`x`;*?~#!", inserted: "\\$\\(reboot\\)\\`x\\`\\;\\*\\?\\~\\#\\!" },
    { typed: '"', value: 'say "hi" $x', inserted: 'say \\"hi\\" \\$x' },
    { typed: '"', value: "Wow!", inserted: null },
    { typed: "'", value: "O'Brien", inserted: "O'\\''Brien" },
    { typed: "telegram:6", value: "telegram:60", inserted: "60" },
    { typed: "--name=", value: "--name=My Research", inserted: "My\\ Research" },
  ])("inserts $inserted for $value after $typed", ({ typed, value, inserted }) =>
    expect(insertedFor(readWord(typed, breaks), value)).toBe(inserted),
  );

  test("inserts text that bash reads as the same value", { tags: ["slow"] }, () => {
    const line = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !/\p{Cc}/u.test(text));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 50 }), (values) => {
        for (const quote of ["", '"', "'"] as const) {
          const known = values.filter((value) => quote !== '"' || !value.includes("!"));
          const words = known.map(
            (value) => `${quote}${insertedFor(readWord(quote, breaks), value)}${quote}`,
          );
          const { stdout } = spawnSync("bash", ["-c", `printf '%s\\n' ${words.join(" ")}`], {
            encoding: "utf8",
          });
          expect(stdout.split("\n").slice(0, -1)).toEqual(known.length === 0 ? [""] : known);
        }
      }),
      { numRuns: 20 },
    );
  });
});
