import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readSettingsIn } from "./settings-file.ts";

test("readSettingsIn reads a regular file, by its path from the runtime's folder", () => {
  const folder = mkdtempSync(join(tmpdir(), "settings-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "own.json"), '{"a":1}');
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const read = readSettingsIn(folder);
  expect(read("own.json")).toBe('{"a":1}');
  expect(read(join(folder, "own.json"))).toBe('{"a":1}');
  expect([".", "missing.json", "pipe", "/dev/zero", "a\0b"].map(read)).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
});
