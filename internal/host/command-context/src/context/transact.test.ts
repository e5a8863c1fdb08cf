import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { onPostgres, openedCentral, temporaryFolder, addRow } from "@gatehouse/central-database/testing";
import type { Central } from "@gatehouse/central-database";
import { inSavepoint, inTransaction } from "./transact.ts";

const users = async ({ db }: Central): Promise<readonly string[]> =>
  (await db.selectFrom("users").select("id").orderBy("id").execute()).map(({ id }) => id);

const ok = { ok: true, value: null } as const;
const no = { ok: false, error: "no" } as const;
const bug = new Error("a bug");

describe("inTransaction", () => {
  test.each([
    { outcome: "ok", then: () => Promise.resolve(ok), kept: ["a"], done: ["committed"] },
    { outcome: "not ok", then: () => Promise.resolve(no), kept: [], done: ["undone 2", "undone 1"] },
    { outcome: "thrown", then: () => Promise.reject(bug), kept: [], done: ["undone 2", "undone 1"] },
  ])(
    "keeps the rows $kept and runs the hooks $done if the work is $outcome",
    async ({ then, kept, done }) => {
      const central = await openedCentral(temporaryFolder());
      const seen: string[] = [];
      const note = (what: string) => async () => void seen.push(what);
      const running = inTransaction(central.db, async (transaction, hooks) => {
        hooks.onRollback(note("undone 1"));
        hooks.onRollback(note("undone 2"));
        hooks.onCommit(note("committed"));
        await addRow(transaction, "users", { id: "a" });
        return then();
      });
      await running.catch((error: unknown) => expect(error).toBe(bug));
      expect(await users(central)).toEqual(kept);
      expect(seen).toEqual(done);
    },
  );
});

describe("inSavepoint", () => {
  test.each([
    { inner: "ok", outer: "ok", kept: ["inner", "outer"], done: ["committed"] },
    { inner: "not ok", outer: "ok", kept: ["outer"], done: ["undone"] },
    { inner: "thrown", outer: "ok", kept: ["outer"], done: ["undone"] },
    { inner: "ok", outer: "not ok", kept: [], done: ["undone"] },
    { inner: "not ok", outer: "not ok", kept: [], done: ["undone"] },
  ])(
    "keeps the rows $kept and runs the hook $done if the inner work is $inner and the outer work is $outer",
    async ({ inner, outer, kept, done }) => {
      const central = await openedCentral(temporaryFolder());
      const seen: string[] = [];
      await inTransaction(central.db, async (transaction, hooks) => {
        await addRow(transaction, "users", { id: "outer" });
        const running = inSavepoint(transaction, hooks, async (within, later) => {
          later.onRollback(async () => void seen.push("undone"));
          later.onCommit(async () => void seen.push("committed"));
          await addRow(within, "users", { id: "inner" });
          if (inner === "thrown") throw bug;
          return inner === "ok" ? ok : no;
        });
        await running.catch((error: unknown) => expect(error).toBe(bug));
        return outer === "ok" ? ok : no;
      });
      expect(await users(central)).toEqual(kept);
      expect(seen).toEqual(done);
    },
  );
});

/**
 * Statements that make the database itself roll back: SQLite does so on a full disk, a server by ending a
 * session.
 */
const rolledBack = onPostgres
  ? { statements: ["select pg_terminate_backend(pg_backend_pid())"], reason: /terminat/ }
  : {
      statements: [
        "create table own (id text primary key)",
        "insert into own values ('a')",
        "insert or rollback into own values ('a')",
      ],
      reason: "UNIQUE constraint failed",
    };

test("a rollback by the database itself runs the rollback hooks, and rejects with its reason", async () => {
  const central = await openedCentral(temporaryFolder());
  const seen: string[] = [];
  const note = (what: string) => async () => void seen.push(what);
  const running = inTransaction(central.db, async (transaction, outer) => {
    outer.onRollback(note("outer"));
    return inSavepoint(transaction, outer, async (within, inner) => {
      inner.onRollback(note("inner"));
      await addRow(within, "users", { id: "a" });
      for (const statement of rolledBack.statements) await sql.raw(statement).execute(within);
      return ok;
    });
  });
  await expect(running).rejects.toThrow(rolledBack.reason);
  expect(seen).toEqual(["inner", "outer"]);
  expect(await users(central)).toEqual([]);
});
