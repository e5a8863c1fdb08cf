import { sql, type Kysely } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { withPackage } from "../changes/entry-changes.ts";
import type { ContainerConfigStore } from "../store.ts";
import { containerConfigStore } from "./config-store.ts";
import type { FixtureTables } from "./store.fixture.ts";

/** A database with the tables, and a new group in it. */
export type GroupFixture = { readonly db: Kysely<FixtureTables>; readonly group: string };

/**
 * Tests of a configuration's history, for any database. `current` returns the database and group of the
 * current test.
 */
export const describeHistory = (current: () => GroupFixture): void => {
  describe("history", () => {
    const now = () => "2026-11-20T08:00:00.000Z";
    let store: ContainerConfigStore;
    beforeEach(() => {
      if ("db" in current()) store = containerConfigStore(current().db, { now });
    });

    test("records the actor, the reason and the changed fields of each generation", async () => {
      const { group } = current();
      const who = { actor: "user:telegram:1" };
      await store.create(group, { model: "opus", cpus: 2 }, { ...who, change: "backfill" });
      await store.updateScalars(group, { model: "haiku", effort: "low" }, { ...who, reason: "too dear" });
      await store.updateEntries(group, "packages_apt", withPackage("jq"));
      await store.rollback(group, 1, who);
      await store.rollback(group, 2, { ...who, reason: "once more" });
      const told = (await store.history(group)).map(({ generation, change, actor, reason, fields }) => [
        generation,
        change,
        actor,
        reason,
        fields,
      ]);
      expect(told).toEqual([
        [5, "rollback", "user:telegram:1", "once more", ["model", "effort"]],
        [4, "rollback", "user:telegram:1", "back to generation 1", ["model", "effort", "packages_apt"]],
        [3, "update", null, null, ["packages_apt"]],
        [2, "update", "user:telegram:1", "too dear", ["model", "effort"]],
        [1, "backfill", "user:telegram:1", null, ["model", "cpus"]],
      ]);
    });

    test.for([
      { what: "a reason of two lines", origin: { reason: "a\nb" }, path: "reason" },
      { what: "an empty reason", origin: { reason: "" }, path: "reason" },
      { what: "a reason of 501 characters", origin: { reason: "x".repeat(501) }, path: "reason" },
      { what: "an actor with an escape sequence", origin: { actor: "\u001b[2J" }, path: "actor" },
    ])("refuses $what, and saves nothing", async ({ origin, path }) => {
      const { group } = current();
      const error = { code: "invalid-config", problems: [{ path }] };
      expect(await store.create(group, {}, origin)).toMatchObject({ error });
      await store.create(group);
      expect(await store.updateScalars(group, { model: "opus" }, origin)).toMatchObject({ error });
      expect(await store.rollback(group, 1, origin)).toMatchObject({ error });
      expect(await store.history(group)).toHaveLength(1);
    });

    test("accepts a reason of 500 characters", async () => {
      const reason = "x".repeat(500);
      expect(await store.create(current().group, {}, { reason })).toMatchObject({ ok: true });
    });

    test("returns the newest 20 or `limit` generations, each with its changed fields", async () => {
      const { group } = current();
      await store.create(group);
      for (let pids = 11; pids < 35; pids += 1) await store.updateScalars(group, { pids });
      const generations = async (limit?: number) =>
        (await store.history(group, limit === undefined ? {} : { limit })).map((one) => one.generation);
      expect(await generations()).toEqual(Array.from({ length: 20 }, (_, index) => 25 - index));
      expect(await generations(2)).toEqual([25, 24]);
      expect(await generations(100)).toHaveLength(25);
      expect((await store.history(group, { limit: 1 }))[0]?.fields).toEqual(["pids"]);
    });

    test("keeps the newest and the pinned generations, and has null fields without a predecessor", async () => {
      const { db, group } = current();
      const pinned = async () => [2, 9];
      const kept = containerConfigStore(db, { now, keep: 3, pinned });
      await kept.create(group);
      for (let pids = 11; pids < 18; pids += 1) await kept.updateScalars(group, { pids });
      expect((await kept.history(group)).map(({ generation, fields }) => [generation, fields])).toEqual([
        [8, ["pids"]],
        [7, ["pids"]],
        [6, null],
        [2, null],
      ]);
      expect(await kept.diff(group, { from: 2 })).toMatchObject({ value: [{ before: 11, after: 17 }] });
      expect(await kept.rollback(group, 2)).toMatchObject({ ok: true, value: { config: { pids: 11 } } });
      expect(await kept.rollback(group, 5)).toMatchObject({
        error: { code: "no-such-generation", generation: 5, current: 9 },
      });
    });

    test("keeps all generations until it is full, and then deletes unpinned ones", async () => {
      const { db, group } = current();
      let pins: readonly number[] = [1];
      const kept = containerConfigStore(db, { now, keep: 2, pinned: async () => pins });
      const generations = async () => (await kept.history(group)).map(({ generation }) => generation);
      await kept.create(group);
      await kept.updateScalars(group, { pids: 11 });
      expect(await generations()).toEqual([2, 1]);
      await kept.updateScalars(group, { pids: 12 });
      expect(await generations()).toEqual([3, 2, 1]);
      pins = [];
      await kept.updateScalars(group, { pids: 13 });
      expect(await generations()).toEqual([4, 3]);
    });

    test("loses no generation if a change is rolled back", async () => {
      const { db, group } = current();
      await store.create(group);
      await store.updateScalars(group, { pids: 11 });
      const failing = db.transaction().execute(async (transaction) => {
        await containerConfigStore(transaction, { now, keep: 1 }).updateScalars(group, { pids: 12 });
        throw new Error("the rest of the command failed");
      });
      await expect(failing).rejects.toThrow("the rest");
      expect(await store.history(group)).toHaveLength(2);
    });

    test("keeps 200 generations by default", async () => {
      const { db, group } = current();
      await store.create(group);
      await sql`update container_configs set generation = 205 where agent_group_id = ${group}`.execute(db);
      for (let generation = 2; generation < 206; generation += 1)
        await sql`insert into container_config_history (agent_group_id, generation, config, change, changed_at)
          values (${group}, ${generation}, '{}', 'update', '')`.execute(db);
      await store.updateScalars(group, { pids: 11 });
      const history = await store.history(group, { limit: 1000 });
      expect([history.length, history[0]?.generation, history.at(-1)?.generation]).toEqual([200, 206, 7]);
    });

    test("has a null actor and reason for rows older than these columns", async () => {
      const { db, group } = current();
      await store.create(group);
      await sql`insert into container_config_history (agent_group_id, generation, config, change, changed_at)
        values (${group}, 2, '{}', 'update', '')`.execute(db);
      expect(await store.history(group)).toMatchObject([{ actor: null, reason: null }, {}]);
    });
  });

  test("containerConfigStore throws if keep is below 1", () => {
    for (const keep of [0, Number.NaN])
      expect(() => containerConfigStore(current().db, { now: () => "", keep })).toThrow(TypeError);
  });
};
