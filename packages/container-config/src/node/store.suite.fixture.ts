import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Kysely } from "kysely";
import { withPackage, withoutPackage } from "../changes/entry-changes.ts";
import type { ContainerConfigStore } from "../store.ts";
import { containerConfigStore } from "./config-store.ts";
import { describeHistory } from "./history.suite.fixture.ts";
import { prepareTables, type FixtureTables, getFrom } from "./store.fixture.ts";

/** An empty database, or the reason why there is none. */
export type EmptyDatabase =
  | { readonly db: Kysely<FixtureTables>; remove(): Promise<void> }
  | { readonly skipped: string };

/** Tests of the store, for any database. */
export const describeConfigStore = (name: string, makeDatabase: () => Promise<EmptyDatabase>): void => {
  const tags = name === "SQLite" ? [] : ["rest"];
  describe(`containerConfigStore on ${name}`, { timeout: 60_000, tags }, () => {
    let database: EmptyDatabase = { skipped: "the database could not be made" };
    let db: Kysely<FixtureTables>;
    let store: ContainerConfigStore;
    let group = "";
    let count = 0;
    let time = 0;
    const now = () => new Date((time += 1_000)).toISOString();

    beforeAll(async () => {
      database = await makeDatabase();
      if (!("db" in database)) return;
      db = database.db;
      await prepareTables(db, []);
      store = containerConfigStore(db, { now });
    });
    afterAll(async () => {
      if ("db" in database) await database.remove();
    });
    beforeEach(async ({ skip }) => {
      if (!("db" in database)) return skip(database.skipped);
      group = `ag-${(count += 1)}`;
      await db.insertInto("agent_groups").values({ id: group }).execute();
    });

    test("create makes a configuration with initial values, the scope group, and generation 1", async () => {
      const created = await store.create(group);
      expect(created).toMatchObject({
        ok: true,
        value: {
          agent_group_id: group,
          generation: 1,
          provider: null,
          cpus: null,
          cli_scope: "group",
          skills: "all",
        },
      });
      expect(await getFrom(store, group)).toEqual(created.ok && created.value);
      expect(await store.history(group)).toEqual([
        {
          generation: 1,
          change: "create",
          changed_at: new Date(time).toISOString(),
          actor: null,
          reason: null,
          fields: [],
        },
      ]);
    });

    test("create refuses a second configuration of a group, and changes nothing", async () => {
      await store.create(group, { model: "opus" });
      expect(await store.create(group, { model: "haiku" })).toEqual({
        ok: false,
        error: { code: "configuration-exists", groupId: group },
      });
      expect(await getFrom(store, group)).toMatchObject({ model: "opus", generation: 1 });
    });

    test("ensure creates a missing configuration, and returns an existing one", async () => {
      const made = await store.ensure(group);
      expect(made).toMatchObject({ ok: true, value: { generation: 1 } });
      expect(await store.ensure(group)).toEqual(made);
    });

    test("create throws for a group that does not exist", async () => {
      await expect(store.create("ag-nobody")).rejects.toThrow(/foreign key/i);
      expect(await getFrom(store, "ag-nobody")).toBeNull();
    });

    test("get returns every field as it was saved", async () => {
      const settings = {
        provider: "codex",
        model: "gpt-5.1-codex",
        effort: "high",
        image_tag: "agent:1.2",
        assistant_name: "Ada’s agent",
        max_messages_per_prompt: 5,
        timezone: "Europe/Berlin",
        cpus: 0.5,
        memory_mb: 512,
        pids: 64,
        max_requests_per_day: 100,
        max_tokens_per_day: 5_000_000_000,
        max_cost_per_day: 0.5,
        upstream: "anthropic=https://models.example/v2",
        cli_scope: "disabled" as const,
        tools: "deny" as const,
        network: "open" as const,
        skills: ["notes"],
        mcp_servers: {
          tools: { url: "https://tools.example/mcp", headers: { Authorization: 'Bearer "x"' } },
        },
        packages_apt: ["ripgrep"],
        packages_npm: ["@scope/tool@1.2.3"],
        additional_mounts: [
          { hostPath: "/srv/data", containerPath: "/workspace/extra/data", readonly: false },
        ],
      };
      await store.create(group, settings, { change: "backfill" });
      expect(await getFrom(store, group)).toMatchObject(settings);
      expect(await store.history(group)).toMatchObject([{ change: "backfill" }]);
    });

    test("getAll returns all configurations in the order of their ids", async () => {
      await store.create(group);
      const ids = (await store.getAll()).map((one) => one.ok && one.value.agent_group_id);
      expect(ids).toContain(group);
      expect(ids).toEqual(ids.toSorted());
    });

    test("an update makes a new generation, and returns the changes and their need", async () => {
      await store.create(group, { model: "opus" });
      const updated = await store.updateScalars(group, { model: "haiku", cli_scope: "global" });
      expect(updated).toMatchObject({
        ok: true,
        value: {
          config: { generation: 2, model: "haiku", cli_scope: "global" },
          changes: [
            { field: "model", before: "opus", after: "haiku", needs: "restart" },
            { field: "cli_scope", before: "group", after: "global", needs: "now" },
          ],
          needs: "restart",
        },
      });
      expect(await getFrom(store, group)).toEqual(updated.ok && updated.value.config);
    });

    test("an update can unset fields to null", async () => {
      await store.create(group, { model: "opus", cpus: 2 });
      await store.updateScalars(group, { model: null, cpus: null });
      expect(await getFrom(store, group)).toMatchObject({ model: null, cpus: null, generation: 2 });
    });

    test("an update without a change makes no generation", async () => {
      await store.create(group, { model: "opus", packages_apt: ["jq"] });
      const before = await getFrom(store, group);
      expect(await store.updateScalars(group, { model: "opus" })).toEqual({
        ok: true,
        value: { config: before, changes: [], needs: null },
      });
      await store.updateEntries(group, "packages_apt", withPackage("jq"));
      expect(await getFrom(store, group)).toEqual(before);
      expect(await store.history(group)).toHaveLength(1);
    });

    test("an update with an invalid value saves nothing", async () => {
      await store.create(group);
      expect(await store.updateScalars(group, { provider: "nobody", pids: -5 })).toMatchObject({
        ok: false,
        error: { code: "invalid-config", problems: [{ path: "provider" }, { path: "pids" }] },
      });
      expect(await store.updateEntries(group, "packages_apt", withPackage("jq; rm -rf /"))).toMatchObject({
        ok: false,
        error: { code: "invalid-config", problems: [{ path: "packages_apt.0" }] },
      });
      const unknown = { shm_mb: 64 } as object;
      expect(await store.updateScalars(group, unknown)).toMatchObject({
        error: { code: "invalid-config", problems: [{ path: "shm_mb", problem: "is no field" }] },
      });
      expect(await getFrom(store, group)).toMatchObject({ generation: 1 });
    });

    test("updateEntries returns the error of its function", async () => {
      await store.create(group);
      expect(await store.updateEntries(group, "packages_apt", withoutPackage("packages_apt", "jq"))).toEqual({
        ok: false,
        error: { code: "no-such-entry", field: "packages_apt", entry: "jq", known: [] },
      });
    });

    test("an update with ifGeneration fails if another update was faster", async () => {
      await store.create(group);
      expect(await store.updateScalars(group, { model: "opus" }, { ifGeneration: 1 })).toMatchObject({
        ok: true,
      });
      expect(await store.updateScalars(group, { model: "haiku" }, { ifGeneration: 1 })).toEqual({
        ok: false,
        error: { code: "generation-conflict", groupId: group, expected: 1, current: 2 },
      });
      expect(await getFrom(store, group)).toMatchObject({ model: "opus" });
    });

    test("twenty updates of one list at once are all saved", async () => {
      await store.create(group);
      const names = Array.from({ length: 20 }, (_, index) => `package-${index}`);
      await Promise.all(names.map((name) => store.updateEntries(group, "packages_npm", withPackage(name))));
      const config = await getFrom(store, group);
      expect([...(config?.packages_npm ?? [])].toSorted()).toEqual(names.toSorted());
      expect(config?.generation).toBe(21);
      expect(await store.history(group, { limit: 50 })).toHaveLength(21);
    });

    describeHistory(() => ({ db, group }));

    test("diff returns the last change, or the changes between two generations", async () => {
      await store.create(group);
      await store.updateScalars(group, { model: "opus" });
      await store.updateScalars(group, { effort: "high" });
      expect(await store.diff(group)).toMatchObject({
        ok: true,
        value: [{ field: "effort", after: "high" }],
      });
      expect(await store.diff(group, { from: 1 })).toMatchObject({
        value: [{ field: "model" }, { field: "effort" }],
      });
      expect(await store.diff(group, { from: 3, to: 1 })).toMatchObject({
        value: [
          { before: "opus", after: null },
          { before: "high", after: null },
        ],
      });
      expect(await store.diff(group, { to: 1 })).toEqual({ ok: true, value: [] });
      expect(await store.diff(group, { from: 4 })).toEqual({
        ok: false,
        error: { code: "no-such-generation", groupId: group, generation: 4, current: 3 },
      });
    });

    test("rollback saves an earlier generation as a new one", async () => {
      await store.create(group, { model: "opus", packages_apt: ["jq"] });
      await store.updateScalars(group, { model: null, cli_scope: "global" });
      await store.updateEntries(group, "packages_apt", withoutPackage("packages_apt", "jq"));
      const back = await store.rollback(group, 1, { keep: ["cli_scope"] });
      expect(back).toMatchObject({
        ok: true,
        value: {
          config: { generation: 4, model: "opus", packages_apt: ["jq"], cli_scope: "global" },
          needs: "rebuild",
        },
      });
      expect(await store.history(group)).toMatchObject([{ generation: 4, change: "rollback" }, {}, {}, {}]);
      expect(await store.rollback(group, 9)).toMatchObject({
        ok: false,
        error: { code: "no-such-generation" },
      });
      expect(await store.rollback(group, 1, { ifGeneration: 3 })).toMatchObject({
        error: { code: "generation-conflict" },
      });
    });

    test("delete removes the configuration and its history, and returns false the second time", async () => {
      await store.create(group);
      expect(await store.delete(group)).toBe(true);
      expect(await store.delete(group)).toBe(false);
      expect(await getFrom(store, group)).toBeNull();
      expect(await store.history(group)).toEqual([]);
      expect(await store.create(group)).toMatchObject({ ok: true, value: { generation: 1 } });
    });

    test("deleting a group deletes its configuration", async () => {
      await store.create(group);
      await db.deleteFrom("agent_groups").where("id", "=", group).execute();
      expect(await getFrom(store, group)).toBeNull();
    });

    test.each([
      { call: "updateScalars", run: () => store.updateScalars(group, { model: "opus" }) },
      { call: "updateEntries", run: () => store.updateEntries(group, "packages_apt", withPackage("jq")) },
      { call: "diff", run: () => store.diff(group) },
      { call: "rollback", run: () => store.rollback(group, 1) },
    ])("$call refuses a group without a configuration", async ({ run }) => {
      expect(await run()).toEqual({ ok: false, error: { code: "no-configuration", groupId: group } });
    });

    test("an update in the caller's transaction is rolled back with it", async () => {
      await store.create(group);
      const failing = db.transaction().execute(async (transaction) => {
        const within = containerConfigStore(transaction, { now });
        await within.updateScalars(group, { model: "opus" });
        expect(await getFrom(within, group)).toMatchObject({ model: "opus", generation: 2 });
        throw new Error("the rest of the command failed");
      });
      await expect(failing).rejects.toThrow("the rest");
      expect(await getFrom(store, group)).toMatchObject({ model: null, generation: 1 });
      expect(await store.history(group)).toHaveLength(1);
    });
  });
};
