import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const most = { fileLines: 250, functionLines: 60, filesInFolder: 20, hostLines: 2_500 };

const git = (...args: readonly string[]): string => execFileSync("git", args, { encoding: "utf8" });
const root = git("rev-parse", "--show-toplevel").trim();

type Source = { readonly file: string; readonly text: string };

const isCode = (file: string): boolean =>
  /^(?:packages|internal|apps|tools|test-fixtures\/programs)\/.*\.(?:ts|mjs)$/.test(file) &&
  !/\.(?:config|d)\.ts$/.test(file);

const code: readonly Source[] = git("-C", root, "ls-files")
  .split("\n")
  .filter(isCode)
  .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));

/** Tests and their fixtures. A folder's count leaves them out; so does the length of a file and of a function. */
const isOfTests = ({ file }: Source): boolean => /\.(?:test|fixture)\.ts$/.test(file);
const sources = code.filter((source) => !isOfTests(source));

const linesOf = (text: string): number => text.split("\n").length - 1;

/** Tables may be long: a row of data is not a step of a procedure. */
const isTable = (file: string): boolean => /(?:\/(?:packs|rules|migrations)\/|^tools\/)/.test(file);
/** A folder of cases, a file each, is a table too. */
const isCase = (file: string): boolean => file.startsWith("test-fixtures/programs/hostile/");

const isLong = ({ text }: Source): boolean => linesOf(text) > most.fileLines;
const longTests = code.filter((source) => isOfTests(source) && isLong(source)).length;

const longFunctionsIn = ({ file, text }: Source): readonly string[] => {
  const parsed = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const lineAt = (position: number): number => parsed.getLineAndCharacterOfPosition(position).line + 1;
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const [first, last] = [lineAt(node.getStart(parsed)), lineAt(node.end)];
      if (last - first + 1 > most.functionLines) found.push(`${file}:${first} has ${last - first + 1} lines`);
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return found;
};

describe("the sizes that hold everywhere", () => {
  test(`no source file has more than ${most.fileLines} lines; tables and tests may (${longTests} tests do)`, () =>
    expect(
      sources
        .filter((source) => isLong(source) && !isTable(source.file))
        .map(({ file, text }) => `${file} has ${linesOf(text)} lines`),
    ).toEqual([]));

  test(`no function has more than ${most.functionLines} lines`, { tags: ["slow"] }, () =>
    expect(sources.flatMap(longFunctionsIn)).toEqual([]),
  );

  test(`no folder has more than ${most.filesInFolder} source files`, () => {
    const folders = sources.filter(({ file }) => !isCase(file)).map(({ file }) => dirname(file));
    const counts = [...new Set(folders)].map(
      (folder) => [folder, folders.filter((other) => other === folder).length] as const,
    );
    expect(counts.filter(([, count]) => count > most.filesInFolder)).toEqual([]);
  });

  test(`apps/host/src stays below ${most.hostLines} lines`, () => {
    const host = sources.filter(({ file }) => file.startsWith("apps/host/src/"));
    expect(host.length).toBeGreaterThan(0);
    expect(host.reduce((sum, { text }) => sum + linesOf(text), 0)).toBeLessThan(most.hostLines);
  });

  test("Result is declared once", () => {
    const declares = ({ text }: Source): boolean => /^export type Result</m.test(text);
    expect(sources.filter(declares).map(({ file }) => file)).toEqual(["internal/std/src/result.ts"]);
  });
});
