import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const script = join(import.meta.dirname, "../scripts/release-check.mjs");

type Checkout = { readonly [path: string]: object | string };

const ready: Checkout = {
  "package.json": { version: "0.0.0", repository: { url: "git+https://github.com/ada/gatehouse.git" } },
  "packages/one/package.json": { name: "@a/one", version: "1.2.0" },
  "apps/two/package.json": { name: "@a/two", version: "1.2.0" },
  "apps/inside/package.json": { name: "@a/inside", version: "0.0.0", private: true },
  ".changeset/README.md": {},
  ".changeset/config.json": {},
};

const checkedIn = (files: Checkout, tag: string, repository?: string) => {
  const root = mkdtempSync(join(tmpdir(), "release-check-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  const env = { PATH: process.env["PATH"], ...(repository && { GITHUB_REPOSITORY: repository }) };
  const { status, stderr } = spawnSync(process.execPath, [script, tag], { cwd: root, env, encoding: "utf8" });
  return { status, problems: stderr.split("\n").slice(0, -1) };
};

test.for<{ title: string; files?: Checkout; tag?: string; repository?: string; says: readonly string[] }>([
  { title: "a checkout whose packages have the tag's version", says: [] },
  { title: "the same, in the repository that package.json names", repository: "ada/gatehouse", says: [] },
  {
    title: "a copy of the repository at another address",
    repository: "bob/gatehouse",
    says: ["names https://github.com/ada/gatehouse, and this is bob/gatehouse"],
  },
  { title: "a tag without v", tag: "1.2.0", says: ["@a/one is 1.2.0", "@a/two is 1.2.0"] },
  { title: "the tag of a candidate", tag: "v1.2.0-rc.1", says: ["@a/one is 1.2.0", "@a/two is 1.2.0"] },
  {
    title: "a package with an older version",
    files: { "apps/two/package.json": { name: "@a/two", version: "1.1.9" } },
    says: ["@a/two is 1.1.9, and the tag is v1.2.0"],
  },
  {
    title: "a README with the install line of tarballs",
    files: { "packages/one/README.md": "# one\n\nIt is not on npm yet. In CLONE ..." },
    says: ["packages/one/README.md says that the package is not on npm yet"],
  },
  {
    title: "a change that is in no changelog",
    files: { ".changeset/late.md": {} },
    says: [".changeset/late.md is in no changelog yet"],
  },
])("release-check.mjs prints for $title: $says", ({ files = {}, tag = "v1.2.0", repository, says }) => {
  const { status, problems } = checkedIn({ ...ready, ...files }, tag, repository);
  expect(problems).toEqual(says.map((sentence) => expect.stringContaining(sentence)));
  expect(status).toBe(says.length === 0 ? 0 : 1);
});
