import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { seedSections } from "./seed-rows.ts";

const root = join(import.meta.dirname, "../..");

/** The texts of a source file: its strings and the pieces of its templates, not its comments. */
const textsOf = (file: string): readonly string[] => {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest);
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
};

/** The whole text, or a beginning or end of it that can be no other one. */
const isTitled =
  (title: string) =>
  (text: string): boolean =>
    text.trim() === title || (title.length > 25 && (text.startsWith(title) || text.endsWith(title)));

const known = new Map<string, readonly string[]>();
const textsIn = (file: string): readonly string[] => {
  const texts = known.get(file) ?? textsOf(file);
  known.set(file, texts);
  return texts;
};

// The plan itself is no file of the repository: its rows are counted here, so that none gets lost.
describe.for(seedSections)("the plan's rows, $section:", ({ rows, count }) => {
  test("are all there, each once", () => {
    expect(rows).toHaveLength(count);
    expect(new Set(rows.map(({ row }) => row)).size).toBe(count);
  });

  test.for(rows)("$row", (row) => {
    if ("elsewhere" in row) return expect(row.elsewhere).toMatch(/\.$/);
    const { file, title, recording } = row;
    expect(existsSync(join(root, file)), `${file} is there`).toBe(true);
    expect(textsIn(file).some(isTitled(title)), `${file} has "${title}"`).toBe(true);
    if (recording !== undefined) expect(existsSync(join(root, "test-fixtures", recording))).toBe(true);
  });
});
