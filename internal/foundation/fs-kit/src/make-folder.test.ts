import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeFolder } from "./make-folder.ts";

const makeRoot = (): string => {
  const root = mkdtempSync(join(tmpdir(), "make-folder-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
};

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test("makeFolder makes missing folders with the mode", async () => {
  const root = makeRoot();
  await makeFolder(join(root, "a", "b", "c"), 0o700);
  for (const path of ["a", "a/b", "a/b/c"]) expect(modeOf(join(root, path))).toBe(0o700);
});

test("makeFolder leaves an existing folder unchanged", async () => {
  const root = makeRoot();
  mkdirSync(join(root, "a"), { mode: 0o750 });
  await makeFolder(join(root, "a"), 0o700);
  expect(modeOf(join(root, "a"))).toBe(0o750);
});

test("makeFolder succeeds for two concurrent calls", async () => {
  const path = join(makeRoot(), "a", "b");
  await Promise.all([makeFolder(path, 0o700), makeFolder(path, 0o700)]);
  expect(statSync(path).isDirectory()).toBe(true);
});

test("makeFolder fails with the reason for a file, a path below a file, and a dangling link", async () => {
  const root = makeRoot();
  writeFileSync(join(root, "file"), "");
  symlinkSync(join(root, "nowhere"), join(root, "link"));
  await expect(makeFolder(join(root, "file"), 0o700)).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolder(join(root, "file", "a"), 0o700)).rejects.toMatchObject({ code: "ENOTDIR" });
  await expect(makeFolder(join(root, "link"), 0o700)).rejects.toMatchObject({ code: "EEXIST" });
});

test.runIf(existsSync("/proc/self"))(
  "makeFolder fails at once on a file system that makes no folders (no /proc: skipped)",
  async () => {
    await expect(makeFolder("/proc/gatehouse/locks", 0o700)).rejects.toMatchObject({ code: "ENOENT" });
  },
);
