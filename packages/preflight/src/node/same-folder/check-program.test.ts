import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keyStamp } from "./check-program.ts";

type Bed = { readonly root: string; readonly stamp: () => string };

const makeBed = (): Bed => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "key-stamp-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, ".git"));
  mkdirSync(join(root, "a", "b"), { recursive: true });
  return { root, stamp: () => keyStamp({ real: join(root, "a", "b"), gitRoot: root }) };
};

test.each<{ what: string; change: (root: string) => void }>([
  {
    what: "a .git was removed and restored",
    change: (root) => {
      renameSync(join(root, ".git"), join(root, "hidden"));
      renameSync(join(root, "hidden"), join(root, ".git"));
    },
  },
  {
    what: "a .git was added and removed",
    change: (root) => {
      mkdirSync(join(root, "a/b/.git"));
      rmSync(join(root, "a/b/.git"), { recursive: true });
    },
  },
  {
    what: "a .git was added between the folder and its repository's root",
    change: (root) => writeFileSync(join(root, "a/.git"), "gitdir: x"),
  },
])("keyStamp changes after $what", ({ change }) => {
  const { root, stamp } = makeBed();
  const before = stamp();
  change(root);
  expect(stamp()).not.toBe(before);
});

test("keyStamp stays the same without a change, and with a change further down", () => {
  const { root, stamp } = makeBed();
  mkdirSync(join(root, "a/b/c"));
  const before = stamp();
  writeFileSync(join(root, "a/b/c/file"), "x");
  expect(stamp()).toBe(before);
});
