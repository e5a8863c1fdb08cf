import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const git = (...args: readonly string[]): string => execFileSync("git", args, { encoding: "utf8" });
const root = git("rev-parse", "--show-toplevel").trim();

/** A command of ours, or a flag that only our programs have. */
const ofOurs =
  /\b(?:gatehouse|ncl) [a-z]|\bworkspace-trust (?:[-/~.]|[A-Z]|there|doctor|status)|(?<![\w-])--(?:data|persist|waiting|hold)\b/;

/** The texts of a source that name a program of ours: comments may, a message may not. */
const namedIn = (text: string): readonly string[] => {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isText =
      ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isTemplateExpression(node);
    if (isText && ofOurs.test(node.getText())) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("source.ts", text, ts.ScriptTarget.Latest, true));
  return found;
};

/** The packages that runtimes import which have none of our programs. */
const published = ["dialog-engine", "claude-state-probe", "codex-overrides", "preflight", "team-launch"];

const sources = git("-C", root, "ls-files", ...published.map((name) => `packages/${name}/src/*.ts`))
  .split("\n")
  .filter((file) => file !== "" && !/\.(?:test|fixture)\.ts$/.test(file));

test("no message of a library names a program of ours", () => {
  expect(sources.length).toBeGreaterThan(100);
  const named = sources.flatMap((file) =>
    namedIn(readFileSync(join(root, file), "utf8")).map((text) => `${file}: ${text}`),
  );
  expect(named).toEqual([]);
});

describe("such a text", () => {
  test.for([
    'const fix = "gatehouse stop shop";',
    "const fix = `gatehouse ps`;",
    "const fix = `Run workspace-trust /w`;",
    'const fix = "name another with --data DIR";',
    'const fix = "ncl groups list";',
  ])("is %s", (text) => expect(namedIn(text)).toHaveLength(1));

  test.for([
    "// gatehouse stop ends it",
    'const owner = "workspace-trust";',
    'import { a } from "../workspace-trust-preflight.ts";',
    'const folder = "~/.gatehouse";',
    'const flag = "--no-session-persistence";',
    'const field = "name another folder with `dataDir`";',
  ])("is not %s", (text) => expect(namedIn(text)).toEqual([]));
});
