import { describe, expect, test } from "vitest";
import { onLines, textLines } from "./text-lines.ts";

const split = (...chunks: readonly string[]) => {
  const lines = textLines();
  return { lines: chunks.flatMap((chunk) => lines.push(chunk)), rest: lines.rest() };
};

describe("textLines", () => {
  test.each<[string, readonly string[], readonly string[], string | null]>([
    ["at LF", ["a\nb\n"], ["a", "b"], null],
    ["at CRLF", ["a\r\nb\r\n"], ["a", "b"], null],
    ["at CRLF in two chunks", ["a\r", "\nb\n"], ["a", "b"], null],
    ["not at U+2028 or U+2029", ["a\u2028b\u2029c\n"], ["a\u2028b\u2029c"], null],
    [
      "not at other marks of Unicode, FF, VT or a lone CR",
      ["a\u0085b\fc\vd\re\n"],
      ["a\u0085b\fc\vd\re"],
      null,
    ],
    ["into empty lines, too", ["\n\na\n"], ["", "", "a"], null],
    ["with a line over three chunks", ["a", "b", "c\nd"], ["abc"], "d"],
    ["with no line at all", ["a"], [], "a"],
    ["with nothing", [], [], null],
  ])("splits %s", (_title, chunks, lines, rest) => expect(split(...chunks)).toEqual({ lines, rest }));
});

test("onLines gives the last line without its LF when the stream ends", () => {
  const seen: string[] = [];
  const listeners: Record<string, (chunk: string) => void> = {};
  const on = (event: string, listener: (chunk: string) => void) => (listeners[event] = listener);
  onLines({ setEncoding: () => undefined, on }, (line) => seen.push(line));
  listeners["data"]?.("a\nb");
  listeners["end"]?.("");
  expect(seen).toEqual(["a", "b"]);
});
