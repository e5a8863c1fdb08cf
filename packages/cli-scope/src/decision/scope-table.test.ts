import { describe, expect, test } from "vitest";
import type { Actor, Scope } from "./actor.ts";
import type { Flag, Handler, RunCommand } from "../commands/command.ts";
import { dispatch } from "../dispatch/dispatch.ts";
import { replay } from "../dispatch/replay.ts";
import type { RowsContext } from "../commands/resource.ts";
import { agent, type MemoryHost, memoryHost, other, own } from "../dispatch/memory-host.fixture.ts";

// The requirements of an admin CLI for agents: those of its first design, and one for each bug found since.

const echo: Handler<unknown> = async (args) => ({ ok: true, value: { data: args } });
const gives =
  (data: unknown): Handler<unknown> =>
  async () => ({ ok: true, value: { data } });
const flag = (name: string, more: Partial<Flag> = {}): Flag => ({
  name,
  type: "string",
  description: "",
  ...more,
});
const locked = (name: string): Flag => flag(name, { lock: "group" });

const command = (words: string, more: Partial<RunCommand<RowsContext>> = {}): RunCommand<RowsContext> => ({
  words,
  resource: words.split(" ")[0] ?? null,
  effect: "read",
  access: "open",
  reach: "group",
  description: "",
  flags: [],
  run: echo,
  ...more,
});

const sessionRow = (group: string): Record<string, string> => ({ id: "s-123", agent_group_id: group });

const commands = [
  command("test cmd", { reach: "host", flags: [flag("id"), flag("foo")] }),
  command("general cmd", { resource: null }),
  command("groups test", { flags: [locked("id"), flag("foo")] }),
  command("groups list", { rowGroup: "id", run: gives([{ id: own }, { id: other }]) }),
  command("groups restart", { flags: [locked("id")], run: gives({ restarted: 1 }) }),
  command("groups config", {
    access: "approval",
    flags: [locked("id"), flag("model"), flag("cli_scope", { escalates: true })],
  }),
  command("groups mount", { access: "operator", flags: [locked("id")] }),
  command("sessions list", { flags: [locked("agent_group_id"), flag("id")] }),
  command("sessions get", {
    flags: [flag("id")],
    positional: "id",
    rowGroup: "agent_group_id",
    run: async (args) =>
      args["id"] === "unknown"
        ? { ok: true, value: { data: null } }
        : { ok: true, value: { data: sessionRow(String(args["id"])) } },
  }),
  command("destinations list", { flags: [locked("id")] }),
  command("members add", { flags: [flag("user"), locked("group")] }),
  command("wirings list", { reach: "host" }),
  command("wirings get", { flags: [flag("id", { lock: "wiring" })], positional: "id" }),
  command("wirings update", {
    access: "approval",
    flags: [
      flag("id", { lock: "wiring" }),
      flag("priority"),
      flag("sender_scope", { escalates: true }),
      flag("ignored_message_policy", { escalates: true }),
    ],
  }),
  command("things list", { run: gives([{ id: "t-1" }]) }),
  command("dashed get", { reach: "host", flags: [flag("id")], positional: "id" }),
];

const host: Actor = { type: "host" };
const person: Actor = { type: "user", userId: "telegram:1" };

type Row = {
  readonly row: string;
  readonly scope: Scope | null;
  readonly actor?: Actor;
  readonly call: string;
  readonly args?: Record<string, unknown>;
  /** The code of an error frame and a word of its message, or the whole data. */
  readonly gets: { readonly code: string; readonly says?: string } | { readonly data: unknown };
  readonly warns?: number;
};

const table: readonly Row[] = [
  {
    row: "a disabled group runs no command",
    scope: "disabled",
    call: "test-cmd",
    gets: { code: "forbidden", says: "disabled" },
  },
  {
    row: "a disabled group gets no help",
    scope: "disabled",
    call: "help",
    gets: { code: "forbidden", says: "disabled" },
  },
  {
    row: "a missing group id is filled in with the agent's own",
    scope: "group",
    call: "groups-test",
    args: { foo: "bar" },
    gets: { data: { foo: "bar", id: own } },
  },
  {
    row: "another group's id is refused",
    scope: "group",
    call: "groups-test",
    args: { id: other },
    gets: { code: "forbidden", says: "scoped" },
  },
  {
    row: "the agent's own group id is accepted",
    scope: "group",
    call: "groups-test",
    args: { id: own },
    gets: { data: { id: own } },
  },
  {
    row: "cli_scope is refused",
    scope: "group",
    call: "groups-test",
    args: { cli_scope: "global" },
    gets: { code: "forbidden", says: "cli_scope" },
  },
  {
    row: "cli-scope is refused like cli_scope",
    scope: "group",
    call: "groups-test",
    args: { "cli-scope": "global" },
    gets: { code: "forbidden", says: "cli_scope" },
  },
  {
    row: "a command across groups is refused",
    scope: "group",
    call: "test-cmd",
    gets: { code: "forbidden", says: "test" },
  },
  { row: "a command without a resource runs", scope: "group", call: "general-cmd", gets: { data: {} } },
  {
    row: "a list of sessions is limited to the own group",
    scope: "group",
    call: "sessions-list",
    gets: { data: { agent_group_id: own } },
  },
  {
    row: "a list of destinations is limited to the own group",
    scope: "group",
    call: "destinations-list",
    gets: { data: { id: own } },
  },
  {
    row: "a new member's group is filled in with the agent's own",
    scope: "group",
    call: "members-add",
    args: { user: "u1" },
    gets: { data: { user: "u1", group: own } },
  },
  {
    row: "a list across groups is refused",
    scope: "group",
    call: "wirings-list",
    gets: { code: "forbidden", says: "wirings" },
  },
  {
    row: "a list of another group's sessions is refused",
    scope: "group",
    call: "sessions-list",
    args: { agent_group_id: other },
    gets: { code: "forbidden" },
  },
  {
    row: "a new member of another group is refused",
    scope: "group",
    call: "members-add",
    args: { user: "u1", group: other },
    gets: { code: "forbidden" },
  },
  {
    row: "another group's id is accepted in scope global",
    scope: "global",
    call: "test-cmd",
    args: { id: other },
    gets: { data: { id: other } },
  },
  {
    row: "a command across groups runs in scope global",
    scope: "global",
    call: "test-cmd",
    gets: { data: {} },
  },
  {
    row: "no group id is filled in in scope global",
    scope: "global",
    call: "groups-test",
    args: { foo: "bar" },
    gets: { data: { foo: "bar" } },
  },
  {
    row: "a group without a configuration has the scope group",
    scope: "group",
    call: "test-cmd",
    gets: { code: "forbidden" },
  },
  {
    row: "the operator runs a command on any group",
    scope: null,
    actor: host,
    call: "test-cmd",
    args: { id: "any" },
    gets: { data: { id: "any" } },
  },
  {
    row: "a list of groups has only the own group",
    scope: "group",
    call: "groups-list",
    gets: { data: [{ id: own }] },
  },
  {
    row: "another group's session is not found",
    scope: "group",
    call: "sessions-get",
    args: { id: other },
    gets: { code: "not-found" },
  },
  {
    row: "the own group's session is returned",
    scope: "group",
    call: "sessions-get",
    args: { id: own },
    gets: { data: sessionRow(own) },
  },
  {
    row: "a list of groups has all groups in scope global",
    scope: "global",
    call: "groups-list",
    gets: { data: [{ id: own }, { id: other }] },
  },
  {
    row: "an answer that is not a row is returned",
    scope: "group",
    call: "groups-restart",
    gets: { data: { restarted: 1 } },
  },
  {
    row: "an unknown session is not found",
    scope: "group",
    call: "sessions-get-unknown",
    gets: { code: "not-found" },
  },
  {
    row: "a resource whose rows do not name their group is refused",
    scope: "group",
    call: "things-list",
    gets: { code: "forbidden", says: "not available in group scope" },
  },
  {
    row: "a resource whose rows do not name their group is listed in scope global",
    scope: "global",
    call: "things-list",
    gets: { data: [{ id: "t-1" }] },
  },
  {
    row: "an operator-only command is refused in scope global",
    scope: "global",
    call: "groups-mount",
    gets: { code: "forbidden", says: "operator-only" },
  },
  {
    row: "an operator-only command is refused in scope group",
    scope: "group",
    call: "groups-mount",
    gets: { code: "forbidden", says: "operator-only" },
  },
  {
    row: "an operator-only command runs for the operator",
    scope: null,
    actor: host,
    call: "groups-mount",
    args: { id: other },
    gets: { data: { id: other } },
  },
  {
    row: "another wiring is replaced by the own one, with a warning",
    scope: "group",
    call: "wirings-get",
    args: { id: "wi-other" },
    gets: { data: { id: "wi-own" } },
    warns: 1,
  },
  {
    row: "the own wiring is accepted without a warning",
    scope: "group",
    call: "wirings-get-wi-own",
    gets: { data: { id: "wi-own" } },
    warns: 0,
  },
  {
    row: "a missing wiring is filled in with the own one",
    scope: "group",
    call: "wirings-get",
    gets: { data: { id: "wi-own" } },
    warns: 0,
  },
  {
    row: "sender-scope is refused",
    scope: "group",
    call: "wirings-update",
    args: { "sender-scope": "all" },
    gets: { code: "forbidden", says: "sender_scope" },
  },
  {
    row: "ignored_message_policy is refused",
    scope: "group",
    call: "wirings-update",
    args: { ignored_message_policy: "accumulate" },
    gets: { code: "forbidden" },
  },
  {
    row: "a flag that does not escalate waits for an approval",
    scope: "group",
    call: "wirings-update",
    args: { priority: "1" },
    gets: { code: "approval-pending" },
  },
  {
    row: "an id with dashes is read as one id",
    scope: null,
    actor: host,
    call: "dashed-get-0b2c-4d5e-get",
    gets: { data: { id: "0b2c-4d5e-get" } },
  },
  {
    row: "an agent whose session is gone runs no command",
    scope: null,
    call: "general-cmd",
    gets: { code: "forbidden", says: "no longer" },
  },
  {
    row: "a person on a channel lists no groups",
    scope: null,
    actor: person,
    call: "groups-list",
    gets: { code: "permission-denied" },
  },
  {
    row: "a person on a channel gets no help",
    scope: null,
    actor: person,
    call: "help",
    gets: { code: "permission-denied" },
  },
];

const call = async ({
  scope,
  actor,
  call: name,
  args = {},
}: Row): Promise<[Awaited<ReturnType<typeof dispatch>>, MemoryHost]> => {
  const memory = memoryHost(commands, scope);
  return [await dispatch({ id: "1", command: name, args }, actor ?? agent, memory), memory];
};

test.each(table)("$row: $call, scope $scope", async (row) => {
  const [frame, { seen }] = await call(row);
  if ("data" in row.gets) {
    expect(frame).toMatchObject({ ok: true });
    expect(frame.ok && frame.data).toEqual(row.gets.data);
    if ("warns" in row) expect(frame.ok && (frame.warnings ?? [])).toHaveLength(row.warns ?? 0);
  } else {
    expect(frame).toMatchObject({ ok: false, error: { code: row.gets.code } });
    expect(frame.ok || frame.error.message).toContain(row.gets.says ?? "");
    expect(seen.held).toHaveLength(row.gets.code === "approval-pending" ? 1 : 0);
  }
  expect(seen.decisions).toHaveLength(1);
  expect(seen.reported).toEqual([]);
});

test("dispatch reads no authorization for the operator", async () => {
  const memory = memoryHost(commands);
  const asked = { ...memory, authorization: () => Promise.reject(new Error("asked")) };
  expect(await dispatch({ id: "1", command: "test-cmd", args: {} }, host, asked)).toMatchObject({ ok: true });
});

test("dispatch answers the same for another group's session and a missing one", async () => {
  const answer = async (id: string): Promise<unknown> => {
    const frame = await dispatch(
      { id: "1", command: "sessions-get", args: { id } },
      agent,
      memoryHost(commands),
    );
    return JSON.parse(JSON.stringify(frame).replaceAll(id, "ID"));
  };
  expect(await answer(other)).toEqual(await answer("unknown"));
});

test("replay does not run an approved command whose wiring is gone", async () => {
  const asked = memoryHost(commands);
  await dispatch({ id: "1", command: "wirings-update", args: { priority: "1" } }, agent, asked);
  const [held] = asked.seen.held;
  for (const wiring of [null, "wi-new"]) {
    const later = memoryHost(commands, "group", wiring);
    const frame = held && (await replay(held, later, "1"));
    expect(frame).toMatchObject({ ok: false, error: { code: "forbidden" } });
    expect(later.seen.runs).toEqual([]);
  }
});

test("replay runs an approved command as the agent that asked, without a second approval", async () => {
  const memory = memoryHost(commands);
  await dispatch({ id: "1", command: "groups-config", args: { model: "opus" } }, agent, memory);
  const [held] = memory.seen.held;
  expect(held?.actor).toEqual(agent);
  const frame = held && (await replay(held, memory, "ap-1"));
  expect(frame).toEqual({ id: "ap-1", ok: true, data: { id: own, model: "opus" } });
  expect(memory.seen).toMatchObject({
    reaches: [{ groupId: own }],
    held: [held],
    runs: [{ args: { id: own } }],
  });
});

test.each([
  { what: "an agent whose scope is now disabled", change: { scope: "disabled" as const, held: {} } },
  { what: "an agent whose session is gone", change: { scope: null, held: {} } },
  {
    what: "other arguments than the approved ones",
    change: { scope: "group" as const, held: { args: { id: own, model: "gpt" } } },
  },
  {
    what: "another group's id",
    change: { scope: "group" as const, held: { args: { id: other, model: "opus" } } },
  },
  { what: "another command", change: { scope: "group" as const, held: { command: "groups test" } } },
  { what: "a command that is gone", change: { scope: "group" as const, held: { command: "groups gone" } } },
  {
    what: "a flag that is gone",
    change: { scope: "group" as const, held: { args: { id: own, gone: "x" } } },
  },
])("replay refuses $what", async ({ change }) => {
  const memory = memoryHost(commands);
  await dispatch({ id: "1", command: "groups-config", args: { model: "opus" } }, agent, memory);
  const [held] = memory.seen.held;
  const later = memoryHost(commands, change.scope);
  const frame = held && (await replay({ ...held, ...change.held }, later, "1"));
  expect(frame).toMatchObject({ ok: false });
  expect(later.seen.runs).toEqual([]);
});

describe("the preview of a held command", () => {
  const frame = { id: "1", command: "groups-config", args: { model: "opus" } };
  type Preview = NonNullable<(typeof commands)[number]["preview"]>;
  const withPreview = (preview: Preview) => commands.map((command) => ({ ...command, preview }));

  test("is kept for the person, and may be another one when the command runs", async () => {
    let calls = 0;
    const memory = memoryHost(withPreview(async () => ({ ok: true, value: [`call ${(calls += 1)}`] })));
    await dispatch(frame, agent, memory);
    const [held] = memory.seen.held;
    expect(held).toMatchObject({ preview: ["call 1"], consequence: null });
    expect(held && (await replay(held, memory, "1"))).toMatchObject({ ok: true });
    expect(calls).toBe(1);
  });

  test("is null for a command without one, and for an empty one", async () => {
    for (const of of [commands, withPreview(async () => ({ ok: true, value: [] }))]) {
      const memory = memoryHost(of);
      await dispatch(frame, agent, memory);
      expect(memory.seen.held).toMatchObject([{ preview: null }]);
    }
  });

  test("refuses a command at once if it cannot be computed", async () => {
    const error = { code: "not-found", message: "There is no such task." } as const;
    const memory = memoryHost(withPreview(async () => ({ ok: false, error })));
    expect(await dispatch(frame, agent, memory)).toEqual({ id: "1", ok: false, error });
    expect(memory.seen.held).toEqual([]);
  });
});

describe("the consequence of a held command", () => {
  /**
   * `groups config` that returns these consequences, one per call; null: the command has no `consequence`.
   */
  const withConsequences = (...lines: readonly (readonly string[] | null)[]) => {
    const left = [...lines];
    return commands.map((command) =>
      command.words === "groups config" && lines[0] !== null
        ? { ...command, consequence: async () => ({ ok: true, value: left.shift() ?? [] }) as const }
        : command,
    );
  };
  const askedOf = async (host: ReturnType<typeof memoryHost>) => {
    const frame = await dispatch({ id: "1", command: "groups-config", args: { model: "opus" } }, agent, host);
    return { frame, held: host.seen.held[0] };
  };

  test("is computed within the caller's reach when the command is held, and again before it runs", async () => {
    const memory = memoryHost(withConsequences(["a", "b"], ["a", "b"]));
    const { held } = await askedOf(memory);
    expect(held).toMatchObject({ consequence: ["a", "b"] });
    expect(held && (await replay(held, memory, "1"))).toMatchObject({ ok: true });
    expect(memory.seen.reaches).toEqual([{ groupId: own }, { groupId: own }, { groupId: own }]);
    expect(memory.seen.runs).toHaveLength(1);
  });

  test.each([
    { what: "a different line", shown: ["a"], now: ["b"] },
    { what: "an additional line", shown: ["a"], now: ["a", "b"] },
    { what: "a missing line", shown: ["a", "b"], now: ["a"] },
    { what: "two lines joined to one", shown: ["a", "b"], now: ["a,b"] },
    { what: "an empty list", shown: ["a"], now: [] },
    { what: "a line instead of null", shown: null, now: ["a"] },
    { what: "null", shown: ["a"], now: null },
  ])("refuses an approved command if it is now $what", async ({ shown, now }) => {
    const { held } = await askedOf(memoryHost(withConsequences(shown)));
    const later = memoryHost(withConsequences(now));
    expect(held && (await replay(held, later, "1"))).toMatchObject({
      error: {
        code: "forbidden",
        message: expect.stringContaining("would now do something else") as unknown,
      },
    });
    expect(later.seen.runs).toEqual([]);
  });

  test("is null if the command's `consequence` returns null, as for a command without one", async () => {
    const memory = memoryHost(
      commands.map((command) => ({
        ...command,
        consequence: async () => ({ ok: true, value: null }) as const,
      })),
    );
    const { held } = await askedOf(memory);
    expect(held).toMatchObject({ consequence: null });
    expect(held && (await replay(held, memoryHost(commands), "1"))).toMatchObject({ ok: true });
  });

  test("refuses a command at once, without an approval, if it cannot be computed", async () => {
    const error = { code: "not-found", message: "There is no such generation." } as const;
    const memory = memoryHost(
      commands.map((command) => ({ ...command, consequence: async () => ({ ok: false, error }) as const })),
    );
    const { frame } = await askedOf(memory);
    expect(frame).toEqual({ id: "1", ok: false, error });
    expect(memory.seen.held).toEqual([]);
  });

  test("is not computed for a caller that needs no approval", async () => {
    const memory = memoryHost(
      commands.map((command) => ({ ...command, consequence: () => Promise.reject(new Error("asked")) })),
    );
    const frame = { id: "1", command: "groups-config", args: { id: own, model: "opus" } };
    expect(await dispatch(frame, host, memory)).toMatchObject({ ok: true });
  });
});
