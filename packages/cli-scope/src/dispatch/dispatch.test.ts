import { describe, expect, test } from "vitest";
import type { ActCommand, Handler } from "../commands/command.ts";
import { isAccepted } from "../commands/accepted.ts";
import type { CommandHost } from "./command-host.ts";
import { dispatch } from "./dispatch.ts";
import { replay } from "./replay.ts";
import type { ResponseFrame } from "../wire/frame.ts";
import type { RowsContext } from "../commands/resource.ts";
import { agent, memoryHost, own } from "./memory-host.fixture.ts";
import { sampleCommands } from "../commands/sample-commands.fixture.ts";

const operator = { type: "host" } as const;

const ask = (command: string, args: object = {}, host = memoryHost(sampleCommands)): Promise<ResponseFrame> =>
  dispatch({ id: "7", command, args }, operator, host);

/** A host with one command: `odd one` with this handler. */
const withCommand = (
  run: Handler<RowsContext>,
  effect: "read" | "change" = "read",
): ReturnType<typeof memoryHost> => memoryHost([{ ...oddOne, effect, run }]);

const oddOne = {
  words: "odd one",
  resource: "odd",
  access: "open",
  reach: "group",
  description: "",
  flags: [],
} as const;

const intent = { kind: "restart", payload: { group: "ag-own" } } as const;

const act: ActCommand<RowsContext> = {
  ...oddOne,
  effect: "act",
  rowGroup: "id",
  intent: async () => ({ ok: true, value: intent }),
};

describe("dispatch", () => {
  test.each([
    { what: "not an object", frame: "groups-list", id: "" },
    { what: "null", frame: null, id: "" },
    { what: "a list", frame: [], id: "" },
    { what: "an empty object", frame: {}, id: "" },
    { what: "one with a number as id", frame: { id: 1, command: "help", args: {} }, id: "" },
    { what: "one with an empty id", frame: { id: "", command: "help", args: {} }, id: "" },
    { what: "one with a long id", frame: { id: "x".repeat(129), command: "help", args: {} }, id: "" },
    { what: "one with NUL in the id", frame: { id: "a\u0000", command: "help", args: {} }, id: "" },
    { what: "one without a command", frame: { id: "7", args: {} }, id: "7" },
    { what: "one with an empty command", frame: { id: "7", command: "", args: {} }, id: "7" },
    { what: "one with a long command", frame: { id: "7", command: "x".repeat(513), args: {} }, id: "7" },
    {
      what: "one with NUL in the command",
      frame: { id: "7", command: "groups-get-\u0000", args: {} },
      id: "7",
    },
    { what: "one whose arguments are a list", frame: { id: "7", command: "help", args: [] }, id: "7" },
    { what: "one whose arguments are text", frame: { id: "7", command: "help", args: "x" }, id: "7" },
  ])("refuses a frame that is $what", async ({ frame, id }) => {
    const host = memoryHost(sampleCommands);
    const answer = await dispatch(frame, operator, host);
    expect(answer).toMatchObject({ id, ok: false, error: { code: "invalid-args" } });
    expect(host.seen).toMatchObject({ decisions: [], runs: [] });
  });

  test("accepts a frame without arguments", async () => {
    expect(await dispatch({ id: "7", command: "help" }, operator, memoryHost(sampleCommands))).toMatchObject({
      ok: true,
    });
  });

  test("ignores a caller named in the frame", async () => {
    const frame = { id: "7", command: "roles-list", args: {}, actor: operator, caller: "host", groupId: "x" };
    const host = memoryHost(sampleCommands);
    await dispatch({ ...frame, command: "groups-create" }, agent, host);
    expect(host.seen.decisions).toMatchObject([{ actor: agent, effect: "deny" }]);
  });

  test.each([
    { call: "gruops-list", says: "Did you mean groups list?" },
    { call: "groups-lst", says: "Did you mean groups list?" },
    { call: "group-get-ag-1", says: "Did you mean groups get?" },
    { call: "groups-gt-0b2c-4d5e", says: "Did you mean groups get?" },
  ])("suggests a command for $call: $says", async ({ call, says }) => {
    const answer = await ask(call);
    expect(answer).toMatchObject({ error: { code: "unknown-command" } });
    expect(answer.ok || answer.error.message).toContain(says);
  });

  test("suggests nothing for a word unlike every command", async () => {
    const answer = await ask("frobnicate");
    expect(answer.ok || answer.error.message).not.toContain("Did you mean");
  });

  test.each([
    { call: "groups-gte", says: '"groups" has: list, get, ' },
    { call: "groups", says: '"groups" has: list, get, ' },
    { call: "groups-config-frobnicate-ag-1", says: '"groups config" has: get, update, add-mcp-server' },
    { call: "grps-lst", says: null },
  ])("lists the verbs of the known words in $call", async ({ call, says }) => {
    const answer = await ask(call);
    const message = answer.ok ? "" : answer.error.message;
    if (says === null) expect(message).not.toContain(" has: ");
    else expect(message).toContain(says);
  });

  test("lists only the verbs that the caller may use", async () => {
    const frame = { id: "7", command: "groups-frobnicate", args: {} };
    const answer = await dispatch(frame, agent, memoryHost(sampleCommands));
    const message = answer.ok ? "" : answer.error.message;
    expect(message).toContain('"groups" has: ');
    expect(message).not.toContain("create");
  });

  test.each([
    { what: "a missing flag", call: "groups-get", args: {}, usage: "groups get <id>" },
    {
      what: "an unknown option",
      call: "groups-config-update-ag-1",
      args: { modle: "x" },
      usage: "groups config update <id> [--flag value]...",
    },
    {
      what: "a name that cannot be a flag",
      call: "groups-list",
      args: { "": "x" },
      usage: "groups list [--flag value]...",
    },
    { what: "an unexpected word", call: "groups-list-x", args: {}, usage: "groups list [--flag value]..." },
  ])("shows the usage of a command that refuses $what", async ({ call, args, usage }) => {
    expect(await ask(call, args)).toMatchObject({ error: { code: "invalid-args", usage } });
  });

  test("shows an agent the usage without its own group, and no usage of a command that it may not use", async () => {
    const host = memoryHost(sampleCommands);
    const asAgent = (command: string, args: object) => dispatch({ id: "7", command, args }, agent, host);
    expect(await asAgent("members-add", {})).toMatchObject({
      error: { code: "invalid-args", usage: "members add --user <string> [--flag value]..." },
    });
    expect(await asAgent("groups-create", { "": "x" })).not.toHaveProperty("error.usage");
  });

  test("shows no usage if no arguments were refused", async () => {
    expect(await ask("groups-get-ag-none")).not.toHaveProperty("error.usage");
  });

  test.each([
    {
      what: "two spellings",
      call: "groups-list",
      args: { "agent-group-id": own, agent_group_id: own },
      says: "same flag",
    },
    {
      what: "two spellings that differ in case",
      call: "groups-list",
      args: { Limit: "1", limit: "1" },
      says: "same flag",
    },
    { what: "a repeated flag", call: "groups-list", args: { limit: ["1", "2"] }, says: "more than once" },
    { what: "an id in two places", call: "groups-get-ag-1", args: { id: "ag-1" }, says: "more than once" },
    { what: "a negative limit", call: "groups-list", args: { limit: "-1" }, says: "from 1 to" },
    { what: "no value", call: "groups-config-update-ag-1", args: { model: true }, says: "needs a value" },
    { what: "an unknown flag", call: "groups-list", args: { limti: "1" }, says: "Did you mean --limit?" },
    { what: "a missing id", call: "groups-get", args: {}, says: "after the command" },
    {
      what: "__proto__",
      call: "groups-list",
      args: JSON.parse('{"__proto__":"x"}') as object,
      says: "cannot be a flag",
    },
    { what: "NUL", call: "groups-get", args: { id: "a\u0000" }, says: "control character" },
    { what: "too much text", call: "groups-get", args: { id: "x".repeat(65_537) }, says: "longer than" },
    { what: "nothing to change", call: "groups-update-ag-1", args: {}, says: "nothing to change" },
    {
      what: "a word after a command without an id",
      call: "groups-list-ag-1",
      args: {},
      says: "takes no words after it",
    },
  ])("refuses $what and runs nothing", async ({ call, args, says }) => {
    const answer = await ask(call, args);
    expect(answer).toMatchObject({ ok: false, error: { code: "invalid-args" } });
    expect(answer.ok || answer.error.message).toContain(says);
  });

  test("names every wrong flag, but no value", async () => {
    const answer = await ask("groups-config-update", {
      max_messages_per_prompt: "s3cret",
      cpus: "s3cret",
      foo: "s3cret",
    });
    const message = answer.ok ? "" : answer.error.message;
    for (const flag of ["--id", "--max-messages-per-prompt", "--cpus", "--foo"])
      expect(message.replaceAll("id is missing", "--id")).toContain(flag);
    expect(message).not.toContain("s3cret");
  });

  test("logs every decision with its rule and the values of its flags", async () => {
    const host = memoryHost(sampleCommands);
    await dispatch({ id: "7", command: "groups-config-update", args: { Model: "opus" } }, agent, host);
    await dispatch({ id: "7", command: "users-list", args: {} }, agent, host);
    expect(host.seen.decisions).toMatchObject([
      {
        command: "groups config update",
        args: { model: "opus" },
        effect: "approve",
        ruleId: "group-approval",
      },
      { command: "users list", args: {}, effect: "deny", ruleId: "across-groups" },
    ]);
  });

  test("checks values before a person is asked", async () => {
    const host = memoryHost(sampleCommands);
    const frame = { id: "7", command: "groups-config-update", args: { cpus: "many" } };
    expect(await dispatch(frame, agent, host)).toMatchObject({ error: { code: "invalid-args" } });
    expect(host.seen.held).toEqual([]);
  });

  test("holds a command with everything that the agent typed", async () => {
    const host = memoryHost(sampleCommands);
    const args = { name: "db", command: "npx", args: '["-y"]', env: '{"TOKEN":"s3cret"}' };
    const answer = await dispatch({ id: "7", command: "groups-config-add-mcp-server", args }, agent, host);
    expect(answer).toMatchObject({ ok: false, error: { code: "approval-pending", approvalId: "ap-1" } });
    expect(host.seen.runs).toEqual([]);
    expect(host.seen.held).toMatchObject([
      {
        actor: agent,
        command: "groups config add-mcp-server",
        args: { id: own, name: "db", command: "npx", args: ["-y"], env: { TOKEN: "s3cret" } },
      },
    ]);
    expect(JSON.stringify(answer)).not.toContain("s3cret");
  });

  test("refuses with the host's reason if a command cannot be held", async () => {
    const host = memoryHost(sampleCommands);
    const error = { code: "permission-denied", message: "Nobody can approve." } as const;
    const full = { ...host, hold: async () => ({ ok: false, error }) as const };
    const frame = { id: "7", command: "groups-delete", args: {} };
    expect(await dispatch(frame, agent, full)).toEqual({ id: "7", ok: false, error });
  });

  test("answers handler-error if a handler throws, and passes the error only to report", async () => {
    const bug = new Error("s3cret at /srv/host.ts:1");
    const host = withCommand(() => Promise.reject(bug));
    const answer = await ask("odd-one", {}, host);
    expect(answer).toMatchObject({ id: "7", ok: false, error: { code: "handler-error" } });
    expect(JSON.stringify(answer)).not.toContain("s3cret");
    expect(host.seen.reported).toEqual([bug]);
  });

  test.each([
    {
      what: "throws at once",
      port: {
        read: () => {
          throw new Error("x");
        },
      },
    },
    { what: "cannot record its decision", port: { record: () => Promise.reject(new Error("x")) } },
  ])("runs nothing in a host that $what", async ({ port }) => {
    const host = memoryHost(sampleCommands);
    const answer = await dispatch({ id: "7", command: "groups-list" }, operator, { ...host, ...port });
    expect(answer).toMatchObject({ error: { code: "handler-error" } });
    expect(host.seen.runs).toEqual([]);
  });

  test("returns a handler's error, warnings and text for people", async () => {
    const error = { code: "not-found", message: "There is none." } as const;
    expect(
      await ask(
        "odd-one",
        {},
        withCommand(async () => ({ ok: false, error })),
      ),
    ).toEqual({ id: "7", ok: false, error });
    const value = { data: undefined, human: "Done.", warnings: ["Mind the gap."] };
    const answer = await ask(
      "odd-one",
      {},
      withCommand(async () => ({ ok: true, value })),
    );
    expect(answer).toEqual({ id: "7", ok: true, data: null, human: "Done.", warnings: ["Mind the gap."] });
  });
});

describe("dispatch, by the effect of a command,", () => {
  const good = async () => ({ ok: true, value: { data: "done" } }) as const;

  test.each(["read", "change"] as const)("runs a %s in a %s context", async (effect) => {
    const host = withCommand(good, effect);
    expect(await ask("odd-one", {}, host)).toEqual({ id: "7", ok: true, data: "done" });
    expect(host.seen.effects).toEqual([effect]);
  });

  test("answers an act with the outcome of its intent", async () => {
    const outcome = { ok: true, value: { data: [{ id: own }], human: "Restarted." } } as const;
    const host = memoryHost([act], "group", null, outcome);
    const answer = await ask("odd-one", {}, host);
    expect(answer).toEqual({ id: "7", ok: true, data: [{ id: own }], human: "Restarted." });
    expect(host.seen.intents).toEqual([intent]);
  });

  test("answers with `accepted`, the intent's id, if an act has no outcome in time", async () => {
    const answer = await ask("odd-one", {}, memoryHost([act]));
    expect(answer).toEqual({
      id: "7",
      ok: true,
      data: { accepted: "in-1" },
      human: '"odd one" is accepted as in-1, and the host carries it out.',
    });
    expect(isAccepted(answer.ok && answer.data)).toBe(true);
  });

  test("names the command that shows an act's outcome, if the host has one", async () => {
    const host = memoryHost([act]);
    const acts = { ...host.acts!, lookUp: "intents get" };
    expect(await dispatch({ id: "7", command: "odd-one" }, operator, { ...host, acts })).toMatchObject({
      data: { accepted: "in-1" },
      human:
        '"odd one" is accepted as in-1, and the host carries it out. "intents get in-1" shows its outcome.',
    });
  });

  test("prepares a command outside its transaction, and returns the warnings", async () => {
    const effects: string[] = [];
    const host = memoryHost([
      {
        ...oddOne,
        effect: "change",
        prepare: async () => {
          effects.push(...host.seen.effects);
          return { ok: true, value: ["The model is old."] };
        },
        run: async () => ({ ok: true, value: { data: 1, warnings: ["It is done."] } }),
      },
    ]);
    expect(await ask("odd-one", {}, host)).toMatchObject({
      ok: true,
      warnings: ["The model is old.", "It is done."],
    });
    expect(effects).toEqual(["read"]);
    expect(host.seen.effects).toEqual(["read", "change"]);
  });

  test("neither runs nor holds a command that its preparation refuses", async () => {
    const error = { code: "invalid-args", message: "There is no such model." } as const;
    const prepare = async () => ({ ok: false, error }) as const;
    const refusing = { ...oddOne, effect: "change", rowGroup: "id", prepare } as const;
    const run: Handler<RowsContext> = async () => ({ ok: true, value: { data: [] } });
    for (const access of ["open", "approval"] as const) {
      const host = memoryHost([{ ...refusing, access, run }]);
      expect(await dispatch({ id: "7", command: "odd-one" }, agent, host)).toMatchObject({ error });
      expect(host.seen).toMatchObject({ runs: [], held: [] });
    }
  });

  test("does not prepare an approved command again", async () => {
    let asked = 0;
    const prepare = async () => {
      asked += 1;
      return { ok: true, value: [] } as const;
    };
    const run: Handler<RowsContext> = async () => ({ ok: true, value: { data: [] } });
    const held = { ...oddOne, effect: "change", access: "approval", rowGroup: "id" } as const;
    const host = memoryHost([{ ...held, prepare, run }]);
    await dispatch({ id: "7", command: "odd-one" }, agent, host);
    const [waiting] = host.seen.held;
    if (waiting === undefined) throw new Error("Nothing is held");
    expect(await replay(waiting, host, "8")).toMatchObject({ ok: true });
    expect(asked).toBe(1);
  });

  test("writes no intent for an act that fails", async () => {
    const error = { code: "not-found", message: "There is none." } as const;
    const host = memoryHost([{ ...act, intent: async () => ({ ok: false, error }) as const }]);
    expect(await ask("odd-one", {}, host)).toEqual({ id: "7", ok: false, error });
    expect(host.seen.intents).toEqual([]);
  });

  test("returns to an agent only its own rows of an outcome", async () => {
    const outcome = { ok: true, value: { data: [{ id: own }, { id: "ag-other" }] } } as const;
    const host = memoryHost([act], "group", null, outcome);
    const answer = await dispatch({ id: "7", command: "odd-one" }, agent, host);
    expect(answer).toEqual({ id: "7", ok: true, data: [{ id: own }] });
  });

  test("reports an act as a bug if the host has no acts", async () => {
    const host = memoryHost([act]);
    const { seen, commands, authorization, groupAuthorization, read, change, hold, record, report } = host;
    const without = { commands, authorization, groupAuthorization, read, change, hold, record, report };
    const asked = dispatch({ id: "7", command: "odd-one" }, operator, without as CommandHost<RowsContext>);
    expect(await asked).toMatchObject({
      error: { code: "handler-error" },
    });
    expect(seen.reported).toHaveLength(1);
  });

  test("writes the intent of an act that needs an approval only after the approval", async () => {
    const host = memoryHost([{ ...act, access: "approval" }]);
    expect(await dispatch({ id: "7", command: "odd-one" }, agent, host)).toMatchObject({
      error: { code: "approval-pending" },
    });
    expect(host.seen.intents).toEqual([]);
    const [held] = host.seen.held;
    if (held === undefined) throw new Error("Nothing is held");
    expect(await replay(held, host, "8")).toMatchObject({ ok: true, data: { accepted: "in-1" } });
    expect(host.seen.intents).toEqual([intent]);
  });
});
