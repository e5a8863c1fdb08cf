import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openPlainFile, readPlainFile, readPlainFileSync } from "./plain-file.ts";

const entries = {
  text: (path: string) => writeFileSync(path, "text"),
  link: (path: string) => {
    writeFileSync(`${path}.target`, "text");
    symlinkSync(`${path}.target`, path);
  },
  folder: (path: string) => mkdirSync(path),
  pipe: (path: string) => void spawnSync("mkfifo", [path]),
  "link to /dev/zero": (path: string) => symlinkSync("/dev/zero", path),
  "large file": (path: string) => writeFileSync(path, "x".repeat(11)),
  "no entry": () => {},
};

const made = (what: keyof typeof entries): string => {
  const folder = mkdtempSync(join(tmpdir(), "plain-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  entries[what](join(folder, "entry"));
  return join(folder, "entry");
};

const readers = [
  { how: "readPlainFile", read: readPlainFile },
  { how: "readPlainFileSync", read: async (path: string, most: number) => readPlainFileSync(path, most) },
] as const;

describe.for(readers)("$how", ({ read }) => {
  test.for(["text", "link"] as const)("reads a %s", async (what) =>
    expect(await read(made(what), 10)).toBe("text"),
  );

  test.for([
    { what: "folder", code: "EISDIR" },
    { what: "pipe", code: "not-a-file" },
    { what: "link to /dev/zero", code: "not-a-file" },
    { what: "large file", code: "EFBIG" },
    { what: "no entry", code: "ENOENT" },
  ] as const)("refuses a $what at once", async ({ what, code }) => {
    await expect(read(made(what), 10)).rejects.toMatchObject({ code });
  });
});

test("openPlainFile refuses a pipe at once, and opens a file of any size", async () => {
  await expect(openPlainFile(made("pipe"))).rejects.toMatchObject({ code: "not-a-file" });
  const handle = await openPlainFile(made("large file"));
  expect(await handle.readFile("utf8")).toHaveLength(11);
  await handle.close();
});
