import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { withHostFields } from "../fields/host-fields.ts";
import type { ContainerConfigStore } from "../store.ts";
import { containerConfigStore } from "./config-store.ts";
import { addFieldColumns } from "./create-tables.ts";
import type { GroupFixture } from "./history.suite.fixture.ts";

const fields = withHostFields({
  shm_mb: { check: z.number().int(), column: "integer", needs: "restart", file: "shmMb", initial: null },
  share: { check: z.number(), column: "double precision", needs: "now", file: null, initial: 0.5 },
  note: { check: z.string(), column: "text", needs: "now", file: null, initial: "it's" },
  is_open: { check: z.boolean(), column: "json", needs: "now", file: null, initial: null },
  rules: { check: z.array(z.string()), column: "json", needs: "rebuild", file: "rules", initial: ["a"] },
});

/** Tests of a host's own fields in the store, for any database. */
export const describeHostFields = (current: () => GroupFixture): void => {
  describe("a host's own fields", () => {
    const now = () => "2026-11-20T08:00:00.000Z";
    const plain = (): ContainerConfigStore => containerConfigStore(current().db, { now });
    const own = () => containerConfigStore(current().db, { now, fields });
    let hasColumns = false;
    // In beforeEach, not beforeAll: if the database is missing, the suite around this one skips in its
    // beforeEach.
    beforeEach(async () => {
      if (hasColumns) return;
      await addFieldColumns(current().db, fields, ["shm_mb", "share", "note", "is_open", "rules"]);
      hasColumns = true;
    });

    test("have their initial values in an older configuration", async () => {
      const { group } = current();
      await plain().create(group, { model: "opus" });
      const values = { shm_mb: null, share: 0.5, note: "it's", is_open: null, rules: ["a"] };
      expect(await own().get(group)).toMatchObject({ ok: true, value: { ...values, model: "opus" } });
      expect(await own().diff(group, { from: 1 })).toEqual({ ok: true, value: [] });
    });

    test("are saved, compared, recorded and rolled back like the package's fields", async () => {
      const { group } = current();
      const store = own();
      await store.create(group, { shm_mb: 64, is_open: true });
      const updated = await store.updateScalars(group, {
        shm_mb: 128,
        share: 0.25,
        is_open: false,
        model: "opus",
      });
      expect(updated).toMatchObject({ ok: true, value: { needs: "restart" } });
      await store.updateEntries(group, "rules", (rules) => ({ ok: true, value: [...rules, "b"] }));
      expect(await store.get(group)).toMatchObject({
        value: { shm_mb: 128, share: 0.25, is_open: false, rules: ["a", "b"], generation: 3 },
      });
      expect(await store.diff(group)).toMatchObject({ value: [{ field: "rules", needs: "rebuild" }] });
      expect(await store.rollback(group, 1, { keep: ["rules"] })).toMatchObject({
        value: { config: { shm_mb: 64, share: 0.5, is_open: true, model: null, rules: ["a", "b"] } },
      });
      expect((await store.history(group)).map(({ fields: changed }) => changed)).toEqual([
        ["model", "shm_mb", "share", "is_open"],
        ["rules"],
        ["model", "shm_mb", "share", "is_open"],
        ["shm_mb", "is_open"],
      ]);
    });

    test("are refused with a wrong value, and by a store without these fields", async () => {
      const { group } = current();
      await own().create(group);
      expect(await own().updateScalars(group, { shm_mb: 1.5 })).toMatchObject({
        error: { code: "invalid-config", problems: [{ path: "shm_mb" }] },
      });
      const unknown = { shm_mb: 64 } as object;
      expect(await plain().updateScalars(group, unknown)).toMatchObject({
        error: { code: "invalid-config", problems: [{ path: "shm_mb", problem: "is no field" }] },
      });
    });

    test("are named in an error if unreadable, and repaired by a rollback", async () => {
      const { db, group } = current();
      await own().create(group);
      await sql`update container_configs set rules = '{' where agent_group_id = ${group}`.execute(db);
      expect(await own().get(group)).toMatchObject({
        error: { code: "unreadable-configuration", problems: [{ path: "rules", problem: "is no JSON" }] },
      });
      expect(await own().rollback(group, 1)).toMatchObject({ ok: true, value: { config: { rules: ["a"] } } });
    });
  });
};
