import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const wizard = "packages/user-wizard/src";

/** A file that acts on each field of users.yaml; null where none does. */
const actsOn: Readonly<Record<string, string | null>> = {
  telegram_id: "internal/user-directory/src/user-id.ts",
  name: "internal/user-directory/src/file-users.ts",
  role: "internal/user-directory/src/file-users.ts",
  os_user: `${wizard}/plan/plan.ts`,
  github: null,
  home_workspace: null,
  workspace_base: null,
  model: null,
  agent_backend: null,
  llm_provider: null,
  max_budget: null,
  timeout: null,
  context_window: null,
  github_repos: null,
  github_notify_chat_id: null,
  pr_review: null,
  issue_triage: null,
};

/** The rows of the table of fields, and those of them that say `isUsed: true`. */
const rowsOf = (): { readonly keys: readonly string[]; readonly used: readonly string[] } => {
  const text = readFileSync(join(root, wizard, "user/fields.ts"), "utf8");
  const file = ts.createSourceFile("fields.ts", text, ts.ScriptTarget.Latest);
  const table = file.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .find((declaration) => declaration.name.getText(file) === "fields")?.initializer;
  if (table === undefined || !ts.isObjectLiteralExpression(table)) return expect.fail("no table of fields");
  const rows = table.properties.filter(ts.isPropertyAssignment);
  const keyOf = (row: ts.PropertyAssignment) => row.name.getText(file);
  const isUsed = (row: ts.PropertyAssignment) => /\bisUsed: true\b/.test(row.initializer.getText(file));
  return { keys: rows.map(keyOf), used: rows.filter(isUsed).map(keyOf) };
};

const { keys: fieldKeys, used } = rowsOf();

/** Files that read a value from users.yaml, or ask for it: that alone has no effect. */
const readsOrAsks = new RegExp(
  `^(?:${wizard}/(?:user|users-file|testing)/|internal/user-directory/src/questions/|internal/user-commands/src/(?:add-flags|get-ready|complete-answers)\\.ts$)`,
);

const sources = (): readonly string[] =>
  execFileSync("git", ["-C", root, "ls-files", "packages", "internal", "apps"], { encoding: "utf8" })
    .split("\n")
    .filter((file) => /\.ts$/.test(file) && !/\.(?:test|fixture|config|d)\.ts$/.test(file))
    .filter(
      (file) =>
        file.startsWith(wizard) ||
        /user-(?:wizard|directory)/.test(readFileSync(join(root, file), "utf8") + file),
    );

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  customConditions: ["@nc/source"],
  allowImportingTsExtensions: true,
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  types: ["node"],
};

const isUserType = (symbol: ts.Symbol | undefined): boolean =>
  symbol?.declarations?.some((declaration) =>
    declaration.getSourceFile().fileName.endsWith(`${wizard}/user/user.ts`),
  ) === true;

/** The files that read each property of a `User`, found by type and not by name. */
const findReaders = (): ReadonlyMap<string, ReadonlySet<string>> => {
  const files = sources();
  const program = ts.createProgram(
    files.map((file) => join(root, file)),
    options,
  );
  const checker = program.getTypeChecker();
  const keys = new Set<string>(fieldKeys);
  const readers = new Map<string, Set<string>>(fieldKeys.map((key) => [key, new Set()]));
  for (const file of files) {
    if (readsOrAsks.test(file)) continue;
    const visit = (node: ts.Node): void => {
      const key = readKey(node);
      if (key !== null && keys.has(key) && isUserType(propertyRead(checker, node, key)))
        readers.get(key)!.add(relative(root, join(root, file)));
      ts.forEachChild(node, visit);
    };
    visit(program.getSourceFile(join(root, file))!);
  }
  return readers;
};

/** `user.model`, and `{ model }` or `{ model: m }` of a pattern. */
const readKey = (node: ts.Node): string | null => {
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (!ts.isBindingElement(node) || !ts.isObjectBindingPattern(node.parent)) return null;
  const name = node.propertyName ?? node.name;
  return ts.isIdentifier(name) ? name.text : null;
};

const propertyRead = (checker: ts.TypeChecker, node: ts.Node, key: string): ts.Symbol | undefined =>
  ts.isPropertyAccessExpression(node)
    ? checker.getSymbolAtLocation(node.name)
    : checker.getTypeAtLocation(node.parent).getProperty(key);

test("every field is in the table of this test", () => expect(Object.keys(actsOn)).toEqual(fieldKeys));

describe("each field of users.yaml", { tags: ["slow"], timeout: 300_000 }, () => {
  let readers: ReadonlyMap<string, ReadonlySet<string>>;
  beforeAll(() => {
    readers = findReaders();
  }, 300_000);

  test.for(fieldKeys.filter((key) => actsOn[key] != null))("%s has a reader, and is not marked", (key) => {
    expect([...readers.get(key)!]).toContain(actsOn[key]);
    expect(used).toContain(key);
  });

  test.for(fieldKeys.filter((key) => actsOn[key] == null))("%s has none, and its question says so", (key) => {
    expect([...readers.get(key)!]).toEqual([]);
    expect(used).not.toContain(key);
  });
});

test("the README marks the same fields", () => {
  const readme = readFileSync(join(root, "packages/user-wizard/README.md"), "utf8");
  const rows = readme.split("\n").filter((line) => /^\| `[a-z_]+`/.test(line));
  const marked = rows.filter((row) => /\|\s*not yet\s*\|$/.test(row)).flatMap((row) => keysIn(row));
  expect(new Set(marked)).toEqual(new Set(fieldKeys.filter((key) => !used.includes(key))));
});

const keysIn = (row: string): readonly string[] =>
  [...(row.split("|")[1] ?? "").matchAll(/`([a-z_]+)`/g)].map(([, key]) => key!);
