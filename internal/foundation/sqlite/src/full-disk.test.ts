import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSqlite } from "./open-sqlite.ts";

const program = fileURLToPath(new URL("full-disk.fixture.ts", import.meta.url));
const node = ["--conditions=@nc/source", "--import", import.meta.resolve("tsx"), program];

/** Runs the program with a file size limit, in KiB. */
const runWithin = (kib: number, file: string): unknown => {
  const shell = ["-c", `ulimit -f ${kib}; exec "$@"`, "bash", process.execPath, ...node, file];
  const { stdout, stderr } = spawnSync("bash", shell, { encoding: "utf8" });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
};

const made = async () => {
  const folder = mkdtempSync(join(tmpdir(), "full-disk-"));
  const file = join(folder, "notes.db");
  const opened = await openSqlite(file);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const sqlite = opened.value;
  onTestFinished(async () => {
    await sqlite.close();
    rmSync(folder, { recursive: true });
  });
  return { file, sqlite };
};

describe("a transaction that SQLite rolled back by itself", () => {
  const fail = sql`insert or rollback into notes values ('a')`;
  const prepared = async () => {
    const { sqlite } = await made();
    await sql`create table notes (id text primary key)`.execute(sqlite.db);
    await sql`insert into notes values ('a')`.execute(sqlite.db);
    return sqlite.db;
  };

  test("fails with its reason", async () => {
    const db = await prepared();
    const failing = db.transaction().execute((transaction) => fail.execute(transaction));
    await expect(failing).rejects.toThrow("UNIQUE constraint failed");
  });

  test("counts as rolled back, so that actions after a rollback run", async () => {
    const transaction = await (await prepared()).startTransaction().execute();
    await expect(fail.execute(transaction)).rejects.toThrow("UNIQUE constraint failed");
    await transaction.rollback().execute();
    expect(transaction.isRolledBack).toBe(true);
  });

  test("is not committed", async () => {
    const transaction = await (await prepared()).startTransaction().execute();
    await fail.execute(transaction).catch(() => undefined);
    await expect(transaction.commit().execute()).rejects.toThrow("no transaction is active");
    await transaction.rollback().execute();
  });
});

// A closing database moves its log into the file, which is here at its size limit.
test(
  "a write on a full disk fails with the reason, and a failing close still closes the database",
  { tags: ["slow"] },
  async () => {
    const { file, sqlite } = await made();
    await sqlite.close();
    expect(runWithin(6_000, file)).toEqual({
      writing: expect.stringMatching(/^SQLITE_(IOERR|FULL)/) as unknown,
      closing: expect.stringMatching(/^SQLITE_(IOERR|FULL)/) as unknown,
      afterwards: "driver has already been destroyed",
    });
  },
);
