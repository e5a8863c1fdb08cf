import { describe, expect, test } from "vitest";
import { convertRows, type LegacyRows } from "./convert-rows.ts";
import type { LegacyRow } from "./field-reader.ts";
import type { ImportedTable } from "./legacy-tables.ts";

const now = "2026-11-20T08:00:00.000Z";
const at = "2026-05-01T08:00:00.000Z";

/** One valid row of each table, as in nanoclaw 2.0.45. */
const whole: LegacyRows = {
  agent_groups: [{ id: "ag-1", name: "Team", folder: "team", agent_provider: null, created_at: at }],
  messaging_groups: [
    {
      id: "mg-1",
      channel_type: "telegram",
      platform_id: "1",
      name: null,
      is_group: 0,
      unknown_sender_policy: "strict",
      created_at: at,
    },
  ],
  messaging_group_agents: [
    {
      id: "wi-1",
      messaging_group_id: "mg-1",
      agent_group_id: "ag-1",
      engage_mode: "mention",
      session_mode: "shared",
      priority: 0,
      created_at: at,
    },
  ],
  users: [{ id: "telegram:1", kind: "telegram", display_name: null, created_at: at }],
};

/** The same rows with other values in the first row of a table. */
const withRow = (table: string, changes: LegacyRow): LegacyRows => ({
  ...whole,
  [table]: [{ ...whole[table]?.[0], ...changes }],
});

describe("convertRows", () => {
  test("converts valid rows, and returns no rows for missing tables", () => {
    const { rows, leftOut, changed } = convertRows(whole, now);
    expect(Object.entries(rows).map(([table, { length }]) => `${table} ${length}`)).toEqual([
      "agent_groups 1",
      "messaging_groups 1",
      "messaging_group_agents 1",
      "users 1",
      "user_roles 0",
      "agent_group_members 0",
      "agent_destinations 0",
      "user_dms 0",
    ]);
    expect({ leftOut, changed }).toEqual({ leftOut: [], changed: [] });
  });

  test.for<{ what: string; table: string; row: LegacyRow; why: string }>([
    { what: "no id", table: "messaging_group_agents", row: { id: null }, why: "id is missing" },
    { what: "an empty name", table: "agent_groups", row: { name: "" }, why: "name is missing" },
    {
      what: "a number for a text",
      table: "users",
      row: { display_name: 7 },
      why: "display_name is not text",
    },
    {
      what: "bytes for a text",
      table: "users",
      row: { kind: new Uint8Array([1]) },
      why: "kind is not UTF-8 text",
    },
    {
      what: "a text for a number",
      table: "messaging_group_agents",
      row: { priority: "high" },
      why: "priority is not a whole number",
    },
    {
      what: "a fraction",
      table: "messaging_group_agents",
      row: { priority: 0.5 },
      why: "priority is not a whole number",
    },
    {
      what: "an unknown policy for ignored messages",
      table: "messaging_group_agents",
      row: { ignored_message_policy: "keep" },
      why: "ignored_message_policy is not one of drop, accumulate",
    },
    {
      what: "an unknown policy",
      table: "messaging_groups",
      row: { unknown_sender_policy: "lax" },
      why: "unknown_sender_policy is not one of strict",
    },
    {
      what: "an unknown mode",
      table: "messaging_group_agents",
      row: { engage_mode: "often" },
      why: "engage_mode is not one of pattern",
    },
    {
      what: "a folder that leaves groups/",
      table: "agent_groups",
      row: { folder: "../team" },
      why: "cannot be the name of a group's folder",
    },
    {
      what: "a missing group",
      table: "messaging_group_agents",
      row: { agent_group_id: "ag-2" },
      why: "agent_group_id points to no row in agent_groups (ag-2)",
    },
  ])("leaves out a row with $what, with the reason", ({ table, row, why }) => {
    const { rows, leftOut } = convertRows(withRow(table, row), now);
    expect(rows[table as ImportedTable]).toEqual([]);
    expect(leftOut[0]).toMatchObject({ table, why: expect.stringContaining(why) as unknown });
  });

  test.for([
    { what: "the handle of a user", chat: {}, person: "telegram:1" },
    { what: "the id of a user", chat: { platform_id: "telegram:1" }, person: "telegram:1" },
    { what: "another id", chat: { platform_id: "7" }, person: null },
    {
      what: "another id, in user_dms",
      chat: { platform_id: "7" },
      dms: ["telegram:1"],
      person: "telegram:1",
    },
    { what: "the handle of a user, on another channel", chat: { channel_type: "signal" }, person: null },
    { what: "the handle of a user, for several people", chat: { is_group: 1 }, person: null },
    {
      what: "the handle of one user, of another in user_dms",
      chat: {},
      dms: ["telegram:2"],
      person: null,
      notes: 1,
    },
    {
      what: "the handle of a user, of that user in user_dms",
      chat: {},
      dms: ["telegram:1"],
      person: "telegram:1",
    },
  ])("a chat with $what is of $person", ({ chat, dms = [], person, notes = 0 }) => {
    const source = {
      ...withRow("messaging_groups", chat),
      users: ["telegram:1", "telegram:2"].map((id) => ({ ...whole["users"]?.[0], id })),
      user_dms: dms.map((user_id) => ({
        user_id,
        channel_type: "telegram",
        messaging_group_id: "mg-1",
        resolved_at: at,
      })),
    };
    const { rows, leftOut, changed } = convertRows(source, now);
    expect(rows.messaging_groups.map((row) => row["user_id"])).toEqual([person]);
    expect(leftOut).toEqual([]);
    expect(changed).toHaveLength(notes);
  });

  test("leaves out rows that refer to a row that was left out", () => {
    const { leftOut } = convertRows(withRow("agent_groups", { folder: "a/b" }), now);
    expect(leftOut.map(({ table }) => table)).toEqual(["agent_groups", "messaging_group_agents"]);
  });

  test.for<{ what: string; row: LegacyRow; time: string; changed: number }>([
    { what: "ISO 8601", row: { created_at: at }, time: at, changed: 0 },
    {
      what: "SQLite's own format, which is UTC",
      row: { created_at: "2026-05-01 08:00:00" },
      time: at,
      changed: 0,
    },
    { what: "another zone", row: { created_at: "2026-05-01T10:00:00+02:00" }, time: at, changed: 0 },
    { what: "not a time", row: { created_at: "once" }, time: now, changed: 1 },
    { what: "null", row: { created_at: null }, time: now, changed: 0 },
  ])("reads a time that is $what", ({ row, time, changed }) => {
    const converted = convertRows(withRow("agent_groups", row), now);
    expect(converted.rows.agent_groups[0]?.["created_at"]).toBe(time);
    expect(converted.changed).toHaveLength(changed);
  });

  test.for<{ what: string; table: string; other: LegacyRow; isTaken: boolean }>([
    {
      what: "the same folder in upper case",
      table: "agent_groups",
      other: { id: "ag-2", folder: "TEAM" },
      isTaken: false,
    },
    { what: "another folder", table: "agent_groups", other: { id: "ag-2", folder: "team2" }, isTaken: true },
    {
      what: "the same chat by another bot",
      table: "messaging_groups",
      other: { id: "mg-2", instance: "b" },
      isTaken: true,
    },
    {
      what: "the same chat by the same bot",
      table: "messaging_groups",
      other: { id: "mg-2", instance: "telegram" },
      isTaken: false,
    },
    {
      what: "the same handle on another channel",
      table: "messaging_groups",
      other: { id: "mg-2", channel_type: "signal" },
      isTaken: true,
    },
    { what: "the same wiring", table: "messaging_group_agents", other: { id: "wi-2" }, isTaken: false },
  ])("accepts a second row with $what: $isTaken", ({ table, other, isTaken }) => {
    const first = whole[table]?.[0] ?? {};
    const { rows, leftOut } = convertRows({ ...whole, [table]: [first, { ...first, ...other }] }, now);
    expect(rows[table as ImportedTable]).toHaveLength(isTaken ? 2 : 1);
    expect(leftOut.map(({ why }) => why)).toEqual(isTaken ? [] : ["an earlier row has the same key"]);
  });

  test("keeps a chat of two bots as two rows with their wirings; the first bot has its platform's name", () => {
    const [chat = {}] = whole["messaging_groups"] ?? [];
    const [wiring = {}] = whole["messaging_group_agents"] ?? [];
    const messaging_groups = [
      { ...chat, id: "mg-2", instance: "b" },
      { ...chat, instance: "telegram" },
      { ...chat, id: "mg-3", instance: "b", platform_id: "2" },
      { ...chat, id: "mg-4", instance: "b" },
    ];
    const messaging_group_agents = [wiring, { ...wiring, id: "wi-2", messaging_group_id: "mg-2" }];
    const { rows, leftOut } = convertRows({ ...whole, messaging_groups, messaging_group_agents }, now);
    expect(rows.messaging_groups.map(({ id, instance }) => [id, instance])).toEqual([
      ["mg-2", "b"],
      ["mg-1", ""],
      ["mg-3", "b"],
    ]);
    expect(rows.messaging_group_agents.map(({ id }) => id)).toEqual(["wi-1", "wi-2"]);
    expect(leftOut).toEqual([
      { table: "messaging_groups", key: "mg-4", why: "an earlier row has the same key" },
    ]);
  });

  test.for<{ what: string; row: LegacyRow; trigger: readonly unknown[] }>([
    { what: "every message", row: { response_scope: "all" }, trigger: ["pattern", ".", "all"] },
    {
      what: "a pattern",
      row: { trigger_rules: '{"pattern":"^a"}', response_scope: "all" },
      trigger: ["pattern", "^a", "all"],
    },
    {
      what: "no trigger needed",
      row: { trigger_rules: '{"requiresTrigger":false}', response_scope: "triggered" },
      trigger: ["pattern", ".", "all"],
    },
    { what: "a mention only", row: { response_scope: "triggered" }, trigger: ["mention", null, "all"] },
    { what: "known senders", row: { response_scope: "allowlisted" }, trigger: ["mention", null, "known"] },
    {
      what: "rules that are not JSON",
      row: { trigger_rules: "{", response_scope: "triggered" },
      trigger: ["mention", null, "all"],
    },
    {
      what: "rules that are not an object",
      row: { trigger_rules: "null", response_scope: "triggered" },
      trigger: ["mention", null, "all"],
    },
    {
      what: "the mode `always` of some releases",
      row: { engage_mode: "always" },
      trigger: ["pattern", ".", "all"],
    },
    {
      what: "a mode beside old rules, which are ignored",
      row: { engage_mode: "mention", trigger_rules: '{"pattern":"a"}' },
      trigger: ["mention", null, "all"],
    },
  ])("reads the trigger of a wiring: $what", ({ row, trigger }) => {
    const wirings = withRow("messaging_group_agents", { engage_mode: null, ...row });
    const [wiring] = convertRows(wirings, now).rows.messaging_group_agents;
    expect([wiring?.["engage_mode"], wiring?.["engage_pattern"], wiring?.["sender_scope"]]).toEqual(trigger);
  });

  test.for<{ what: string; row: LegacyRow; trigger: readonly unknown[]; changed: string | null }>([
    {
      what: "an empty pattern",
      row: { engage_mode: "pattern", engage_pattern: "" },
      trigger: ["pattern", "."],
      changed: "it is . now",
    },
    {
      what: "no pattern",
      row: { engage_mode: "pattern", engage_pattern: null },
      trigger: ["pattern", "."],
      changed: "it is . now",
    },
    {
      what: "a broken pattern",
      row: { engage_mode: "pattern", engage_pattern: "(" },
      trigger: ["pattern", "("],
      changed: "is not a regular expression",
    },
    {
      what: "a broken pattern in old rules",
      row: { engage_mode: null, trigger_rules: '{"pattern":"["}' },
      trigger: ["pattern", "["],
      changed: "is not a regular expression",
    },
    {
      what: "a pattern with a look-around",
      row: { engage_mode: "pattern", engage_pattern: "^(?!!r)" },
      trigger: ["pattern", "^(?!!r)"],
      changed: "has no look-around",
    },
    {
      what: "a valid pattern",
      row: { engage_mode: "pattern", engage_pattern: "^!r " },
      trigger: ["pattern", "^!r "],
      changed: null,
    },
    {
      what: "an empty pattern that the mode `mention` does not use",
      row: { engage_mode: "mention", engage_pattern: "" },
      trigger: ["mention", null],
      changed: null,
    },
  ])("converts $what, and reports a change of its meaning", ({ row, trigger, changed }) => {
    const converted = convertRows(withRow("messaging_group_agents", row), now);
    const [wiring] = converted.rows.messaging_group_agents;
    expect([wiring?.["engage_mode"], wiring?.["engage_pattern"]]).toEqual(trigger);
    expect(converted.changed.map(({ key, why }) => `${key} ${why}`)).toEqual(
      changed === null ? [] : [expect.stringContaining(changed)],
    );
  });
});
