import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeSocketFolder, removeSocketFolder, socketNames } from "./open-sockets.ts";

const made = (): string => {
  const folder = makeSocketFolder();
  if (!folder.ok) throw new Error(folder.error);
  onTestFinished(() => rmSync(folder.value, { recursive: true, force: true }));
  writeFileSync(join(folder.value, socketNames.ncl), "");
  return folder.value;
};

describe("the folder of a socket", () => {
  test("is private, and is removed with its socket", () => {
    const path = made();
    expect(statSync(path).mode & 0o777).toBe(0o700);
    removeSocketFolder(path);
    expect(existsSync(path)).toBe(false);
  });

  test("stays if it contains another file", () => {
    const path = made();
    writeFileSync(join(path, "mine"), "");
    removeSocketFolder(path);
    expect(existsSync(join(path, "mine"))).toBe(true);
  });

  test("stays if an agent named another folder", () => {
    const outer = mkdtempSync(join(tmpdir(), "other-"));
    onTestFinished(() => rmSync(outer, { recursive: true, force: true }));
    const [other, deeper] = [join(outer, "data"), join(outer, "ncl-abcdef")];
    for (const path of [other, deeper]) {
      mkdirSync(path);
      writeFileSync(join(path, "ncl.sock"), "");
      removeSocketFolder(path);
      expect(existsSync(join(path, "ncl.sock")), path).toBe(true);
    }
  });

  test("may be removed already", () => {
    const path = made();
    removeSocketFolder(path);
    expect(() => removeSocketFolder(path)).not.toThrow();
  });
});
