import { describe, expect, test } from "vitest";
import { completionLines, readLine } from "./completion.ts";

const own = { switches: ["json", "help"], values: ["data", "timeout"] };
const read = (...argv: string[]) => {
  const parts = readLine(argv, own);
  return parts ?? expect.fail("nothing is asked");
};

describe("readLine", () => {
  test.for([
    { words: ["groups", ""], asks: { words: ["groups"], current: "" }, options: [] },
    {
      words: ["groups", "get", "My\\ Re"],
      asks: { words: ["groups", "get"], current: "My Re" },
      options: [],
    },
    {
      words: ["--data", "/my\\ data", "groups", "--json", "g"],
      asks: { words: ["groups"], current: "g" },
      options: ["--data=/my data", "--json"],
    },
    {
      words: ["groups", "--data=/x", "get", "--", "--json", ""],
      asks: { words: ["groups", "get", "--", "--json"], current: "" },
      options: ["--data=/x"],
    },
    { words: [], asks: { words: [], current: "" }, options: [] },
  ])("makes the request $asks of $words", ({ words, asks, options }) => {
    const line = read("bash", "--", ...words);
    expect(line.request).toEqual({ id: "1", command: "complete", args: asks });
    expect(line.options).toEqual(options);
  });

  test.for([{ words: ["groups", "--data", "/x"] }, { words: ["--timeout", ""] }, { words: ["--data=/x"] }])(
    "returns null while a value of the client's own flag is typed: $words",
    ({ words }) => expect(readLine(["bash", "--", ...words], own)).toBeNull(),
  );

  test("does not unquote words of a shell that passes them unquoted", () =>
    expect(read("fish", "--", "a\\b", '"x').request.args).toEqual({
      words: ["a\\b"],
      current: '"x',
    }));
});

describe("completionLines", () => {
  const answer = {
    candidates: [
      { value: "ag-1", description: "My Research" },
      { value: "My Research", description: "ag-1" },
    ],
  };
  test.for([
    { shell: "bash" as const, lines: "ag-1\nMy\\ Research\n" },
    { shell: "zsh" as const, lines: "ag-1\tMy Research\nMy Research\tag-1\n" },
    { shell: "fish" as const, lines: "ag-1\tMy Research\nMy Research\tag-1\n" },
    { shell: null, lines: "ag-1\nMy Research\n" },
  ])("writes lines for $shell", ({ shell, lines }) =>
    expect(completionLines(answer, read(...(shell === null ? ["--"] : [shell, "--", ""])))).toBe(lines),
  );

  test.for([
    { what: "an answer that is text", data: "text" },
    { what: "null", data: null },
    { what: "candidates of a wrong type", data: { candidates: [5, null, {}, { value: 5 }, { value: "" }] } },
    {
      what: "values with control characters",
      data: { candidates: [{ value: "a\nb" }, { value: "a\u001b[2J" }] },
    },
    { what: "a value with another beginning", data: { candidates: [{ value: "b" }] } },
  ])("writes no line for $what", ({ data }) =>
    expect(completionLines(data, read("bash", "--", "a"))).toBe(""),
  );

  test("escapes control characters of a description", () => {
    const data = { candidates: [{ value: "a", description: "x\ty\n\u001b[2J" }] };
    expect(completionLines(data, read("fish", "--", ""))).toBe("a\tx\\u{9}y\\u{a}\\u{1b}[2J\n");
  });

  test("offers each of the client's own flags once, after a dash", () => {
    const lines = (...words: string[]) => completionLines(null, read("fish", "--", ...words));
    expect(lines("groups", "-")).toBe("--json\n--help\n--data\n--timeout\n");
    expect(lines("groups", "--json", "--")).toBe("--help\n--data\n--timeout\n");
    expect(lines("groups", "--d")).toBe("--data\n");
    expect(lines("groups", "")).toBe("");
    expect(lines("groups", "--", "-")).toBe("");
  });
});
