import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connect } from "./connection.ts";
import { holdJournal } from "./hold-journal.ts";
import { inTransaction } from "./in-transaction.ts";

const openedFile = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "hold-journal-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "file.db");
};

/** Deleted files in a folder that this process still has open. */
const heldIn = (file: string): readonly string[] =>
  readdirSync("/proc/self/fd").flatMap((fd) => {
    const at = linkOf(`/proc/self/fd/${fd}`);
    return at.startsWith(file) && at.endsWith(" (deleted)") ? [at] : [];
  });

/** The folder that was read for the list is closed by now. */
const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
};

test("a journal is held over the end of its commit, until it is let go", async () => {
  const file = openedFile();
  const db = connect(file);
  onTestFinished(() => db.close());
  db.exec("begin immediate; create table t (n integer)");
  const letGo = holdJournal(file);
  db.exec("commit");
  expect(heldIn(file)).toEqual([`${file}-journal (deleted)`]);
  letGo?.();
  await expect.poll(() => heldIn(file)).toEqual([]);
});

test("many transactions leave nothing open", async () => {
  const file = openedFile();
  const db = connect(file);
  onTestFinished(() => db.close());
  const deadline = performance.now() + 20_000;
  for (let count = 0; count < 50; count += 1)
    await inTransaction(db, { mode: "write", deadline }, () => {
      db.exec(`create table t${count} (n integer)`);
      return { ok: true, value: null };
    });
  await expect.poll(() => heldIn(file)).toEqual([]);
  expect(readdirSync(join(file, ".."))).toEqual(["file.db"]);
});

test("a transaction that wrote nothing, or was rolled back, holds nothing", async () => {
  const file = openedFile();
  writeFileSync(file, "");
  expect(holdJournal(file)).toBeNull();
  const db = connect(file);
  onTestFinished(() => db.close());
  const failed = { ok: false, error: { code: "busy", message: "" } } as const;
  const ended = await inTransaction(db, { mode: "write", deadline: performance.now() + 5_000 }, () => {
    db.exec("create table t (n integer)");
    return failed;
  });
  expect(ended).toEqual(failed);
  expect(heldIn(file)).toEqual([]);
});
