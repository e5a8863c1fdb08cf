import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type * as Files from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { copyDatabase } from "./copy-database.ts";

/** What another program does before a file is copied. */
const before = vi.hoisted(() => ({ copy: (_file: string): void => {} }));

vi.mock("node:fs/promises", async (original) => {
  const files = await original<typeof Files>();
  const copyFile: typeof files.copyFile = async (from, ...rest) => {
    before.copy(String(from));
    await files.copyFile(from, ...rest);
  };
  return { ...files, copyFile };
});

/** Copies a database with a log, and returns the outcome and the names of what was copied. */
const copied = async (happens: (file: string, log: string) => void) => {
  const folder = mkdtempSync(join(tmpdir(), "copy-database-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [file, copy] = [join(folder, "a.db"), join(folder, "copy.db")];
  writeFileSync(file, "rows");
  writeFileSync(`${file}-wal`, "log");
  before.copy = (copying) => happens(copying, `${file}-wal`);
  const outcome = await copyDatabase(file, copy);
  const parts = [copy, `${copy}-wal`].filter((name) => existsSync(name));
  return { outcome, texts: parts.map((name) => readFileSync(name, "utf8")) };
};

test("a database is copied with its log", async () =>
  expect(await copied(() => {})).toEqual({ outcome: { ok: true, value: null }, texts: ["rows", "log"] }));

test("a log that goes while the files are copied, as at the end of its program, is not missed", async () =>
  expect(await copied((file, log) => file === log && rmSync(log))).toEqual({
    outcome: { ok: true, value: null },
    texts: ["rows"],
  }));

test("a log that stays and cannot be copied is an error", async () => {
  const fails = (file: string, log: string): void => {
    if (file === log) throw Object.assign(new Error("no right to read"), { code: "EACCES" });
  };
  expect((await copied(fails)).outcome).toMatchObject({ error: { code: "file-unreadable" } });
});

test("a database that changes each time is in use", async () => {
  let writes = 0;
  const grows = (_: string, log: string): void => writeFileSync(log, "x".repeat((writes += 1)));
  expect((await copied(grows)).outcome).toMatchObject({ error: { code: "file-in-use" } });
});
