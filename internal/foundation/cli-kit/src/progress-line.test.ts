import { describe, expect, test } from "vitest";
import { createProgressLine, inSeconds } from "./progress-line.ts";

/** A progress line on this output, its clock, and the written text. */
const lineOn = ({ isTTY }: { readonly isTTY: boolean }) => {
  const written: string[] = [];
  const clock = { at: 0 };
  const output = { isTTY, columns: 12, write: (text: string) => written.push(text) };
  return { written, clock, line: createProgressLine(output, { now: () => clock.at, everyMs: 1000 }) };
};

describe("a line of progress", () => {
  test("is overwritten on a terminal, never wider than it, and replaced by the closing line", () => {
    const { written, line } = lineOn({ isTTY: true });
    line.show("1 of 20 MB");
    line.show("1 of 20 MB");
    line.show("2 of 20 MB, 1.0 s");
    line.end("20 MB in 9.0 s");
    line.end();
    expect(written).toEqual(["\r\x1b[K1 of 20 MB", "\r\x1b[K2 of 20 MB,", "\r\x1b[K", "20 MB in 9.0 s\n"]);
  });

  test("is a plain line without a terminal, and the next line follows only after an interval", () => {
    const { written, clock, line } = lineOn({ isTTY: false });
    for (const at of [0, 400, 999, 1000, 1500]) {
      clock.at = at;
      line.show(`after ${at} ms`);
    }
    line.end("done");
    expect(written).toEqual(["after 0 ms\n", "after 1000 ms\n", "done\n"]);
  });

  test.for([{ isTTY: true }, { isTTY: false }])("escapes control characters (isTTY: $isTTY)", ({ isTTY }) => {
    const { written, line } = lineOn({ isTTY });
    line.show("\x1b[2J");
    line.end("\x1b[2J\n");
    expect(written.join("")).not.toContain("\x1b[2J");
  });

  test("is not cut on a terminal without a known size", () => {
    const written: string[] = [];
    createProgressLine({ isTTY: true, columns: 0, write: (text) => written.push(text) }).show("1 of 20 MB");
    expect(written).toEqual(["\r\x1b[K1 of 20 MB"]);
  });

  test("erases nothing if it showed nothing", () => {
    const { written, line } = lineOn({ isTTY: true });
    line.end();
    expect(written).toEqual([]);
  });
});

test.for([
  { ms: 0, text: "0.0 s" },
  { ms: 4149, text: "4.1 s" },
  { ms: 59_949, text: "59.9 s" },
  { ms: 59_950, text: "1 min 0 s" },
  { ms: 125_400, text: "2 min 5 s" },
])("inSeconds formats $ms ms as $text", ({ ms, text }) => {
  expect(inSeconds(ms)).toBe(text);
});
