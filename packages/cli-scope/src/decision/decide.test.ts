import { describe, expect, test } from "vitest";
import type { Actor, Scope, Authorization } from "./actor.ts";
import type { Access, Signature } from "../commands/command.ts";
import { decide } from "./decide.ts";
import type { Policy } from "./policy.ts";
import { rules } from "./rules.ts";

const agent: Actor = { type: "agent", sessionId: "se-1", groupId: "ag-1", messagingGroupId: "mg-1" };
const host: Actor = { type: "host" };
const person: Actor = { type: "user", userId: "telegram:1" };

const command = (more: Partial<Signature> = {}): Signature => ({
  words: "groups test",
  resource: "groups",
  effect: "read",
  access: "open",
  reach: "group",
  description: "",
  flags: [
    { name: "id", type: "string", description: "", lock: "group" },
    { name: "model", type: "string", description: "" },
    { name: "sender_scope", type: "string", description: "", escalates: true },
  ],
  ...more,
});

const wiring = command({ flags: [{ name: "id", type: "string", description: "", lock: "wiring" }] });
const can = command({
  words: "can",
  resource: null,
  flags: [{ name: "as_group", type: "string", description: "" }],
});

type Case = {
  readonly rule: string;
  readonly actor?: Actor;
  readonly scope?: Scope | null;
  readonly wiringId?: string | null;
  readonly command?: Signature;
  readonly args?: Record<string, unknown>;
};

const cases: readonly Case[] = [
  { rule: "host", actor: host, scope: null },
  { rule: "host", actor: host, scope: null, command: command({ access: "operator", reach: "host" }) },
  {
    rule: "user-approvals",
    actor: person,
    scope: null,
    command: command({ resource: "approvals", access: "operator" }),
  },
  { rule: "user-elsewhere", actor: person, scope: null },
  { rule: "user-elsewhere", actor: person, scope: null, command: command({ resource: null }) },
  { rule: "agent-gone", scope: null },
  { rule: "agent-gone", scope: null, command: command({ resource: null }) },
  { rule: "scope-disabled", scope: "disabled" },
  { rule: "scope-disabled", scope: "disabled", command: command({ resource: null }) },
  { rule: "operator-only", scope: "global", command: command({ access: "operator" }) },
  { rule: "operator-only", command: command({ access: "operator" }) },
  { rule: "asks-for-another", command: can, args: { as_group: "ag-2" } },
  { rule: "asks-for-another", args: { as_group: "ag-2" } },
  { rule: "asks-for-another", scope: "global", command: can, args: { as_group: "ag-2" } },
  { rule: "global-open", scope: "global", command: can, args: { as_group: "ag-1" } },
  { rule: "global-approval", scope: "global", command: command({ access: "approval", reach: "host" }) },
  {
    rule: "global-open",
    scope: "global",
    command: command({ reach: "host" }),
    args: { id: "ag-2", cli_scope: "global" },
  },
  { rule: "across-groups", command: command({ reach: "host" }) },
  { rule: "across-groups", command: command({ reach: "host", resource: null }) },
  { rule: "not-tied-to-a-group", command: command({ flags: [] }) },
  { rule: "group-open", command: command({ flags: [], rowGroup: "id" }) },
  { rule: "group-open", command: command({ flags: [], resource: null }) },
  ...["cli_scope", "cliscope", "cli__scope", "clisc_ope"].map((name) => ({
    rule: "escalation",
    args: { [name]: "global" },
  })),
  { rule: "escalation", args: { sender_scope: "all" } },
  { rule: "escalation", args: { senderscope: "all" } },
  { rule: "escalation", args: { cli_scope: "global" }, command: command({ access: "approval" }) },
  { rule: "group-open", args: { cli_scop: "global", scope: "x" } },
  { rule: "foreign-group", args: { id: "ag-2" } },
  { rule: "foreign-group", args: { id: "" } },
  { rule: "foreign-group", args: { id: null } },
  { rule: "foreign-group", args: { id: undefined } },
  { rule: "foreign-group", args: { id: ["ag-1"] } },
  { rule: "foreign-group", args: { id: true } },
  { rule: "foreign-group", args: { id: "AG-1" } },
  { rule: "foreign-group", args: { id: "ag-1 " } },
  { rule: "foreign-group", args: { group: "ag-2" } },
  { rule: "foreign-group", args: { agent_group_id: "ag-2" } },
  { rule: "group-open", args: { id: "ag-1", group: "ag-1" } },
  { rule: "group-open", args: { model: "ag-2" } },
  { rule: "no-wiring", wiringId: null, command: wiring },
  { rule: "group-open", command: wiring, args: { id: "wi-2" } },
  { rule: "group-open", wiringId: null },
  { rule: "group-approval", command: command({ access: "approval" }) },
  { rule: "group-open" },
  { rule: "default-deny", command: command({ access: "other" as "open" }) },
  { rule: "default-deny", scope: "global", command: command({ access: "other" as "open" }) },
  { rule: "across-groups", command: command({ reach: "other" as "group" }) },
  { rule: "group-approval", scope: "other" as "group", command: command({ access: "approval" }) },
];

const authorizationOf = ({ scope = "group", wiringId = "wi-1" }: Case): Authorization | null =>
  scope === null ? null : { scope, wiringId };

const ask = (row: Case): ReturnType<typeof decide> =>
  decide(row.actor ?? agent, row.command ?? command(), row.args ?? {}, authorizationOf(row));

describe("decide, with a host's own policy", () => {
  const readers: Policy = {
    rules: [
      {
        id: "readers-read",
        effect: "allow",
        when: ({ reach, command }) => reach === "group" && command.access === "open",
        reason: () => "A reader reads.",
        why: "The only rule of this host.",
      },
    ],
    scopes: { reader: "group", everywhere: "everything" },
  };
  const decided = (scope: string, access: Access = "open"): ReturnType<typeof decide> =>
    decide(agent, command({ access }), {}, { scope, wiringId: null }, readers);

  test("applies its rules, and fills in the own group for a scope that reaches only a group", () => {
    expect(decided("reader")).toMatchObject({
      effect: "allow",
      ruleId: "readers-read",
      args: { id: "ag-1" },
    });
  });

  test.each([
    { what: "no rule matches", scope: "reader", access: "approval" as const },
    {
      what: "the scope reaches everything and no rule matches that",
      scope: "everywhere",
      access: "open" as const,
    },
  ])("refuses if $what", ({ scope, access }) => {
    expect(decided(scope, access)).toMatchObject({ effect: "deny", ruleId: "default-deny" });
  });

  test("treats scope names of the default policy as unknown", () => {
    expect(decided("global")).toMatchObject({ ruleId: "readers-read", args: { id: "ag-1" } });
  });
});

describe("decide", () => {
  test.each(cases)("applies $rule to scope $scope, $args, $command.access, $command.reach", (row) => {
    expect(ask(row).ruleId).toBe(row.rule);
  });

  test("has a test case, a unique id and a purpose for every default rule", () => {
    expect([...new Set(cases.map(({ rule }) => rule))].sort()).toEqual(rules.map(({ id }) => id).sort());
    for (const { why } of rules) expect(why).toMatch(/\.$/);
  });

  test("applies a last default rule that denies everything", () => {
    expect(rules.at(-1)).toMatchObject({ id: "default-deny", effect: "deny" });
  });

  test("fills in the own group and wiring, and warns if another was given", () => {
    expect(ask({ rule: "", args: { model: "x" } })).toMatchObject({
      args: { id: "ag-1", model: "x" },
      warnings: [],
    });
    const other = ask({ rule: "", command: wiring, args: { id: "wi-2" } });
    expect(other).toMatchObject({ args: { id: "wi-1" }, warnings: [expect.stringContaining("wi-1")] });
    expect(JSON.stringify(other)).not.toContain("wi-2");
    expect(ask({ rule: "", command: wiring, args: { id: "wi-1" } })).toMatchObject({ warnings: [] });
  });

  test("fills in nothing for the operator and for scope global", () => {
    for (const row of [
      { rule: "", scope: "global" as const },
      { rule: "", actor: host, scope: null },
    ])
      expect(ask(row)).toMatchObject({ args: {}, warnings: [] });
  });

  const own = command({
    flags: [{ name: "group", type: "string", description: "", lock: "group", isOwnByDefault: true }],
  });
  test.each([
    { scope: "global", args: {}, group: "ag-1" },
    { scope: "global", args: { group: "ag-2" }, group: "ag-2" },
    { scope: "group", args: {}, group: "ag-1" },
  ] as const)(
    "a flag that is the agent's own by default: $scope, $args is $group",
    ({ scope, args, group }) => {
      expect(ask({ rule: "", scope, command: own, args })).toMatchObject({ args: { group }, warnings: [] });
    },
  );

  test("fills in no such flag for the operator", () => {
    expect(ask({ rule: "", actor: host, scope: null, command: own })).toMatchObject({ args: {} });
  });

  test("denies with the code of the rule, without arguments", () => {
    expect(ask({ rule: "", args: { id: "ag-2" } })).toMatchObject({ effect: "deny", code: "forbidden" });
    expect(ask({ rule: "", actor: person, scope: null })).toMatchObject({
      effect: "deny",
      code: "permission-denied",
    });
    expect(ask({ rule: "", args: { id: "ag-2" } })).not.toHaveProperty("args");
  });

  test("does not change its input", () => {
    const args = Object.freeze({ model: "x" });
    const frozen = Object.freeze(command());
    expect(decide(agent, frozen, args, Object.freeze({ scope: "group", wiringId: null }))).toEqual(
      decide(agent, frozen, args, { scope: "group", wiringId: null }),
    );
  });
});
