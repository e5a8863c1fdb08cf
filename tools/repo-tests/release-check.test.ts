import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { releaseProblems } from "../scripts/release-check.mjs";

type Checkout = { readonly [path: string]: object };

const ready: Checkout = {
  "package.json": { version: "0.0.0", repository: { url: "git+https://github.com/ada/gatehouse.git" } },
  "packages/one/package.json": { name: "@a/one", version: "1.2.0" },
  "apps/two/package.json": { name: "@a/two", version: "1.2.0" },
  "apps/inside/package.json": { name: "@a/inside", version: "0.0.0", private: true },
  ".changeset/README.md": {},
  ".changeset/config.json": {},
};

const problemsIn = (files: Checkout, more: { tag?: string; repository?: string } = {}): readonly string[] => {
  const root = mkdtempSync(join(tmpdir(), "release-check-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), JSON.stringify(content));
  }
  return releaseProblems({ tag: "v1.2.0", repository: undefined, root, ...more });
};

test.for<{ title: string; files?: Checkout; tag?: string; repository?: string; says: readonly string[] }>([
  { title: "a checkout whose packages all have the tag's version", says: [] },
  { title: "the same in the repository that package.json names", repository: "ada/gatehouse", says: [] },
  {
    title: "a copy of the repository elsewhere",
    repository: "bob/gatehouse",
    says: ["names https://github.com/ada/gatehouse, and this is bob/gatehouse"],
  },
  { title: "a tag without v", tag: "1.2.0", says: ["@a/one is 1.2.0", "@a/two is 1.2.0"] },
  { title: "the tag of a candidate", tag: "v1.2.0-rc.1", says: ["@a/one is 1.2.0", "@a/two is 1.2.0"] },
  {
    title: "a package that was left behind",
    files: { "apps/two/package.json": { name: "@a/two", version: "1.1.9" } },
    says: ["@a/two is 1.1.9, and the tag is v1.2.0"],
  },
  {
    title: "a change that no changelog tells of",
    files: { ".changeset/late.md": {} },
    says: [".changeset/late.md is in no changelog yet"],
  },
])("$title: $says", ({ files = {}, says, title: _, ...more }) => {
  const problems = problemsIn({ ...ready, ...files }, more);
  expect(problems).toEqual(says.map((sentence) => expect.stringContaining(sentence)));
});
