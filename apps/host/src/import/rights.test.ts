import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import type { Scope } from "@nc/container-config";
import { openSqlite, readScope } from "@nc/container-config/node";
import { mayAnswer, shownTo } from "@gatehouse/approvals";
import { startUpBackfill } from "@gatehouse/group-setup";
import { at, hostsOnServer, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import type { ImportReport } from "@gatehouse/nanoclaw-import";
import { takeNewSchema } from "../database/new-schema.fixture.ts";
import { imported } from "./nanoclaw.fixture.ts";

type Row = Readonly<Record<string, unknown>>;

/** A nanoclaw database, table by table; `null` if that release has no such table. */
type Legacy = {
  readonly messaging_groups: readonly Row[];
  readonly messaging_group_agents: readonly Row[];
  readonly user_roles: readonly Row[];
  readonly user_dms: readonly Row[];
  readonly container_configs: readonly Row[] | null;
  /** The container.json of each group. */
  readonly files: Readonly<Record<string, string | null>>;
};

const groups = ["ag-1", "ag-2", "ag-3"];
const users = ["telegram:1", "telegram:2"];
const agent_groups = groups.map((id) => ({ id, name: id, folder: id, agent_provider: null, created_at: at }));
const people = users.map((id) => ({ id, kind: "telegram", display_name: null, created_at: at }));

/** Bytes that are not valid UTF-8. */
const noText = Buffer.from([0xff, 0xfe]);

const config = (agent_group_id: unknown, cli_scope: unknown, more: Row = {}): Row => ({
  agent_group_id,
  cli_scope,
  provider: null,
  mcp_servers: "{}",
  updated_at: at,
  ...more,
});
const chat = (id: string, platform_id: string, is_group: number): Row => ({
  id,
  channel_type: "telegram",
  platform_id,
  name: null,
  is_group,
  unknown_sender_policy: "strict",
  created_at: at,
});
const wiring = (
  messaging_group_id: unknown,
  agent_group_id: unknown,
  engage_mode: string,
  id: string,
): Row => ({
  id,
  messaging_group_id,
  agent_group_id,
  engage_mode,
  session_mode: "shared",
  priority: 0,
  created_at: at,
});
const role = (user_id: string, name: string, agent_group_id: unknown): Row => ({
  user_id,
  role: name,
  agent_group_id,
  granted_by: null,
  granted_at: at,
});

/** Makes a nanoclaw folder with such a database. */
const folderOf = async ({ files, ...tables }: Legacy): Promise<string> => {
  const folder = join(temporaryFolder(), "nanoclaw");
  mkdirSync(join(folder, "data"), { recursive: true });
  for (const [group, text] of Object.entries(files)) {
    mkdirSync(join(folder, "groups", group), { recursive: true });
    if (text !== null) writeFileSync(join(folder, "groups", group, "container.json"), text);
  }
  const opened = await openSqlite<Record<string, Row>>(join(folder, "data", "v2.db"));
  if (!opened.ok) expect.fail(opened.error.code);
  const { db, close } = opened.value;
  for (const [table, rows] of Object.entries({ agent_groups, users: people, ...tables })) {
    if (rows === null) continue;
    const columns = [...new Set(["nothing", ...rows.flatMap((row) => Object.keys(row))])];
    const typed = columns.map(
      (name) => sql`${sql.ref(name)} ${sql.raw(/^(is_group|priority)$/.test(name) ? "integer" : "")}`,
    );
    await sql`create table ${sql.table(table)} (${sql.join(typed)})`.execute(db);
    for (const row of rows) await db.insertInto(table).values(row).execute();
  }
  await close();
  return folder;
};

const width: readonly Scope[] = ["disabled", "group", "global"];

/**
 * The scope that the group had in nanoclaw: `global` without the table, `group` without a row. Text that is not a
 * scope counts as `disabled`.
 */
const had = ({ container_configs }: Legacy, group: string): Scope => {
  if (container_configs === null) return "global";
  const said = container_configs
    .filter(({ agent_group_id }) => agent_group_id === group)
    .map(({ cli_scope }) =>
      cli_scope === null ? "group" : (width.find((one) => one === cli_scope) ?? "disabled"),
    );
  return width.find((scope) => said.includes(scope)) ?? "group";
};

const isOwner = ({ user_roles }: Legacy, user: unknown): boolean =>
  user_roles.some(
    (row) => row["user_id"] === user && row["role"] === "owner" && row["agent_group_id"] === null,
  );

/** True if only owners can write to the group: all its chats are direct chats with an owner. */
const isOwners = (legacy: Legacy, group: string): boolean => {
  const wired = legacy.messaging_group_agents.filter(({ agent_group_id }) => agent_group_id === group);
  const chats = wired.map((one) =>
    legacy.messaging_groups.find(({ id }) => id === one["messaging_group_id"]),
  );
  return (
    chats.length > 0 && chats.every((one) => one?.["is_group"] === 0 && isOwner(legacy, one["platform_id"]))
  );
};

/** True if nanoclaw counted the user as an admin of the group, or, with null, of all groups. */
const isAdmin = (legacy: Legacy, user: string, group: string | null): boolean =>
  isOwner(legacy, user) ||
  legacy.user_roles.some(
    (row) =>
      row["user_id"] === user &&
      row["role"] === "admin" &&
      (row["agent_group_id"] === null || (group !== null && row["agent_group_id"] === group)),
  );

/** Imports, starts, repairs broken files, and starts again; after each step checks that no scope or role is wider. */
const expectNoWiderRights = async (legacy: Legacy): Promise<ImportReport> => {
  const dataDir = temporaryFolder();
  const report = await imported(dataDir, await folderOf(legacy));
  const { db, close } = await openedCentral(dataDir);
  const check = async (): Promise<void> => {
    for (const group of groups) {
      const scope = await readScope(db, group);
      expect(width.indexOf(scope)).toBeLessThanOrEqual(width.indexOf(had(legacy, group)));
      if (scope === "global") expect(isOwners(legacy, group)).toBe(true);
    }
    for (const userId of users) {
      const actor = { type: "user", userId } as const;
      const shown = await shownTo(db, actor);
      for (const group of [...groups, null]) {
        const may = await mayAnswer(db, actor, group === null ? "all" : [group]);
        const sees = shown === "all" || (group !== null && shown.includes(group));
        if (may || sees) expect(isAdmin(legacy, userId, group)).toBe(true);
      }
    }
  };
  await check();
  await startUpBackfill(db, dataDir, () => at);
  await check();
  for (const group of groups) {
    mkdirSync(join(dataDir, "groups", group), { recursive: true });
    writeFileSync(join(dataDir, "groups", group, "container.json"), '{"model":"m"}');
  }
  await startUpBackfill(db, dataDir, () => at);
  await check();
  await close();
  expectAllNamed(legacy, report);
  return report;
};

/** Checks that each row was imported or is named in the report. */
const expectAllNamed = (
  legacy: Legacy,
  { taken, leftOut, groups: got, configurations }: ImportReport,
): void => {
  for (const table of ["messaging_groups", "messaging_group_agents", "user_roles", "user_dms"] as const)
    expect(taken[table] + leftOut.filter((note) => note.table === table).length).toBe(legacy[table].length);
  for (const { agent_group_id } of legacy.container_configs ?? []) {
    const fromIt = got.some(({ id, configuration }) => id === agent_group_id && configuration === "database");
    const whose = groups.find((id) => id === agent_group_id) ?? "no imported group";
    expect(fromIt || configurations.some((line) => line.includes(whose))).toBe(true);
  }
};

const none: Legacy = {
  messaging_groups: [chat("mg-1", "telegram:1", 0), chat("mg-2", "telegram:-1", 1)],
  messaging_group_agents: [wiring("mg-1", "ag-1", "mention", "wi-1")],
  user_roles: [role("telegram:1", "owner", null)],
  user_dms: [],
  container_configs: null,
  files: {},
};

describe("import", () => {
  test.for<{ what: string; legacy: Partial<Legacy>; scope: Scope; said?: RegExp }>([
    { what: "global if nanoclaw had no scopes and only the owner writes", legacy: {}, scope: "global" },
    {
      what: "disabled for a disabled group, although only the owner writes to it",
      legacy: { container_configs: [config("ag-1", "disabled")] },
      scope: "disabled",
      said: /keeps the CLI scope disabled/,
    },
    {
      what: "the old scope if another value of the row is refused",
      legacy: { container_configs: [config("ag-1", "group", { mcp_servers: "{" })] },
      scope: "group",
      said: /not given mcp_servers: it is no object/,
    },
    {
      what: "disabled for a disabled group if another value of the row is refused",
      legacy: { container_configs: [config("ag-1", "disabled", { mcp_servers: "{" })] },
      scope: "disabled",
      said: /not given mcp_servers/,
    },
    {
      what: "disabled if its row cannot be identified and its file is broken",
      legacy: {
        container_configs: [config(noText, "disabled")],
        files: { "ag-1": '{"model"' },
      },
      scope: "disabled",
      said: /keeps the CLI scope disabled, and has nothing else/,
    },
    {
      what: "disabled if its scope is an unknown word",
      legacy: { container_configs: [config("ag-1", "Global")] },
      scope: "disabled",
      said: /cli_scope: it is not one of/,
    },
    {
      what: "disabled if its scope is not text",
      legacy: { container_configs: [config("ag-1", noText)] },
      scope: "disabled",
      said: /not given cli_scope/,
    },
    {
      what: "the narrower of two rows",
      legacy: { container_configs: [config("ag-1", "global"), config("ag-1", "disabled")] },
      scope: "disabled",
      said: /has 2 rows in container_configs/,
    },
    {
      what: "disabled if its row cannot be identified",
      legacy: { container_configs: [config(noText, "disabled")] },
      scope: "disabled",
      said: /no imported group \(not text\)/,
    },
    {
      what: "group, nanoclaw's default, if it has no row",
      legacy: { container_configs: [] },
      scope: "group",
      said: /keeps the CLI scope group/,
    },
    {
      what: "global for an owner's group that had it",
      legacy: { container_configs: [config("ag-1", "global")] },
      scope: "global",
    },
    {
      what: "group if a wiring cannot be read, since people other than the owner may write",
      legacy: {
        messaging_group_agents: [
          wiring("mg-1", "ag-1", "mention", "wi-1"),
          wiring("mg-2", "ag-1", "whenever", "wi-2"),
        ],
      },
      scope: "group",
      said: /people other than an owner may write/,
    },
    {
      what: "group if the owner row names one group, since nanoclaw ignores such a row",
      legacy: { user_roles: [role("telegram:1", "owner", "ag-1")] },
      scope: "group",
    },
  ])("gives a group the scope $what", async ({ legacy, scope, said }) => {
    const { groups: got, configurations } = await expectNoWiderRights({ ...none, ...legacy });
    expect(got.find(({ id }) => id === "ag-1")?.scope).toBe(scope);
    if (said !== undefined) expect(configurations.join("\n")).toMatch(said);
  });

  test("leaves out an owner row that names a group, with the reason", async () => {
    const legacy = {
      ...none,
      user_roles: [role("telegram:2", "owner", "ag-2"), role("telegram:1", "owner", null)],
    };
    const { leftOut } = await expectNoWiderRights(legacy);
    expect(leftOut).toEqual([
      {
        table: "user_roles",
        key: "telegram:2 owner ag-2",
        why: expect.stringContaining("nanoclaw ignores") as unknown,
      },
    ]);
  });
});

const group = fc.constantFrom(...groups, "ag-gone");
const groupOrNone = fc.oneof({ weight: 4, arbitrary: group }, fc.constantFrom(null, noText, ""));
const scope = fc.constantFrom("disabled", "group", "global", "Global", "", null, noText, "all");
const anyConfig = fc
  .tuple(
    groupOrNone,
    scope,
    fc.constantFrom({}, { mcp_servers: "{" }, { provider: "nobody" }, { memory_mb: "x" }),
  )
  .map(([id, cli_scope, more]) => config(id, cli_scope, more));
const anyRole = fc
  .tuple(
    fc.constantFrom(...users, "telegram:gone"),
    fc.constantFrom("owner", "admin", "Owner", "king"),
    groupOrNone,
  )
  .map(([user, name, id]) => role(user, name, id));
const anyWiring = fc.tuple(
  fc.constantFrom("mg-1", "mg-2", "mg-3", "mg-gone"),
  groupOrNone,
  fc.constantFrom("mention", "pattern", "whenever"),
);
const anyDm = fc
  .tuple(fc.constantFrom(...users, "telegram:gone"), fc.constantFrom("mg-1", "mg-2", "mg-3", noText))
  .map(([user_id, id]) => ({ user_id, channel_type: "telegram", messaging_group_id: id, resolved_at: at }));
const anyFile = fc.constantFrom(
  null,
  "{}",
  "{",
  '{"provider":"codex"}',
  '{"additionalMounts":[{"hostPath":"/home"}]}',
);

const anyLegacy: fc.Arbitrary<Legacy> = fc.record({
  messaging_groups: fc
    .tuple(fc.nat(1), fc.nat(1))
    .map(([first, second]) => [
      chat("mg-1", "telegram:1", first),
      chat("mg-2", "telegram:2", second),
      chat("mg-3", "telegram:-1", 1),
    ]),
  messaging_group_agents: fc
    .array(anyWiring, { maxLength: 5 })
    .map((all) => all.map(([chatId, id, mode], index) => wiring(chatId, id, mode, `wi-${index}`))),
  user_roles: fc.array(anyRole, { maxLength: 5 }),
  user_dms: fc.array(anyDm, { maxLength: 3 }),
  container_configs: fc.option(fc.array(anyConfig, { maxLength: 5 })),
  files: fc.dictionary(fc.constantFrom(...groups), anyFile),
});

test(
  "import, start and repair widen no scope or role of any legacy database, and the report names each omitted row",
  { tags: ["slow"] },
  () =>
    fc.assert(
      fc.asyncProperty(anyLegacy, async (legacy) => {
        if (hostsOnServer) await takeNewSchema();
        await expectNoWiderRights(legacy);
      }),
      { numRuns: 40 },
    ),
);
