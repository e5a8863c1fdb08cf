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

/** A host with one command beside the others. */
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
    { what: "no object", frame: "groups-list", id: "" },
    { what: "null", frame: null, id: "" },
    { what: "a list", frame: [], id: "" },
    { what: "nothing", frame: {}, id: "" },
    { what: "a number as id", frame: { id: 1, command: "help", args: {} }, id: "" },
    { what: "an empty id", frame: { id: "", command: "help", args: {} }, id: "" },
    { what: "a long id", frame: { id: "x".repeat(129), command: "help", args: {} }, id: "" },
    { what: "NUL in the id", frame: { id: "a\u0000", command: "help", args: {} }, id: "" },
    { what: "no command", frame: { id: "7", args: {} }, id: "7" },
    { what: "an empty command", frame: { id: "7", command: "", args: {} }, id: "7" },
    { what: "a long command", frame: { id: "7", command: "x".repeat(513), args: {} }, id: "7" },
    { what: "NUL in the command", frame: { id: "7", command: "groups-get-\u0000", args: {} }, id: "7" },
    { what: "arguments that are a list", frame: { id: "7", command: "help", args: [] }, id: "7" },
    { what: "arguments that are text", frame: { id: "7", command: "help", args: "x" }, id: "7" },
  ])("refuses a frame that is $what", async ({ frame, id }) => {
    const host = memoryHost(sampleCommands);
    const answer = await dispatch(frame, operator, host);
    expect(answer).toMatchObject({ id, ok: false, error: { code: "invalid-args" } });
    expect(host.seen).toMatchObject({ decisions: [], runs: [] });
  });

  test("takes a frame without arguments", async () => {
    expect(await dispatch({ id: "7", command: "help" }, operator, memoryHost(sampleCommands))).toMatchObject({
      ok: true,
    });
  });

  test("does not believe a frame that says who it is from", async () => {
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
  ])("suggests for $call", async ({ call, says }) => {
    const answer = await ask(call);
    expect(answer).toMatchObject({ error: { code: "unknown-command" } });
    expect(answer.ok || answer.error.message).toContain(says);
  });

  test("suggests nothing for a word that is like none", async () => {
    const answer = await ask("frobnicate");
    expect(answer.ok || answer.error.message).not.toContain("Did you mean");
  });

  test.each([
    { call: "groups-gte", says: '"groups" has: list, get, ' },
    { call: "groups", says: '"groups" has: list, get, ' },
    { call: "groups-config-frobnicate-ag-1", says: '"groups config" has: get, update, add-mcp-server' },
    { call: "grps-lst", says: null },
  ])("lists the verbs of the words that it knows in $call", async ({ call, says }) => {
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
      what: "a flag that is none",
      call: "groups-config-update-ag-1",
      args: { modle: "x" },
      usage: "groups config update <id> [--flag value]...",
    },
    {
      what: "a name that can be no flag",
      call: "groups-list",
      args: { "": "x" },
      usage: "groups list [--flag value]...",
    },
    { what: "words too many", call: "groups-list-x", args: {}, usage: "groups list [--flag value]..." },
  ])("tells the usage of a command that refuses $what", async ({ call, args, usage }) => {
    expect(await ask(call, args)).toMatchObject({ error: { code: "invalid-args", usage } });
  });

  test("tells an agent the usage without its own group, and none of a command that it may not use", async () => {
    const host = memoryHost(sampleCommands);
    const asAgent = (command: string, args: object) => dispatch({ id: "7", command, args }, agent, host);
    expect(await asAgent("members-add", {})).toMatchObject({
      error: { code: "invalid-args", usage: "members add --user <string> [--flag value]..." },
    });
    expect(await asAgent("groups-create", { "": "x" })).not.toHaveProperty("error.usage");
  });

  test("tells no usage where no arguments were refused", async () => {
    expect(await ask("groups-get-ag-none")).not.toHaveProperty("error.usage");
  });

  test.each([
    {
      what: "two spellings",
      call: "groups-list",
      args: { "agent-group-id": own, agent_group_id: own },
      says: "same flag",
    },
    { what: "letter case", call: "groups-list", args: { Limit: "1", limit: "1" }, says: "same flag" },
    { what: "a repeated flag", call: "groups-list", args: { limit: ["1", "2"] }, says: "more than once" },
    { what: "an id in two places", call: "groups-get-ag-1", args: { id: "ag-1" }, says: "more than once" },
    { what: "a negative limit", call: "groups-list", args: { limit: "-1" }, says: "from 1 to" },
    { what: "no value", call: "groups-config-update-ag-1", args: { model: true }, says: "needs a value" },
    { what: "an unknown flag", call: "groups-list", args: { limti: "1" }, says: "Did you mean --limit?" },
    { what: "a missing id", call: "groups-get", args: {}, says: "behind the words" },
    {
      what: "__proto__",
      call: "groups-list",
      args: JSON.parse('{"__proto__":"x"}') as object,
      says: "can be no flag",
    },
    { what: "NUL", call: "groups-get", args: { id: "a\u0000" }, says: "control character" },
    { what: "too much text", call: "groups-get", args: { id: "x".repeat(65_537) }, says: "longer than" },
    { what: "nothing to change", call: "groups-update-ag-1", args: {}, says: "nothing to change" },
    { what: "words behind a list", call: "groups-list-ag-1", args: {}, says: "takes nothing behind it" },
  ])("refuses $what and runs nothing", async ({ call, args, says }) => {
    const answer = await ask(call, args);
    expect(answer).toMatchObject({ ok: false, error: { code: "invalid-args" } });
    expect(answer.ok || answer.error.message).toContain(says);
  });

  test("names everything that is wrong, and no value of it", async () => {
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

  test("logs every decision by its rule, with names of flags and no value", async () => {
    const host = memoryHost(sampleCommands);
    await dispatch({ id: "7", command: "groups-config-update", args: { Model: "opus" } }, agent, host);
    await dispatch({ id: "7", command: "users-list", args: {} }, agent, host);
    expect(host.seen.decisions).toMatchObject([
      { command: "groups config update", flags: ["model"], effect: "approve", ruleId: "group-approval" },
      { command: "users list", flags: [], effect: "deny", ruleId: "across-groups" },
    ]);
    expect(JSON.stringify(host.seen.decisions)).not.toContain("opus");
  });

  test("checks values before a person is asked", async () => {
    const host = memoryHost(sampleCommands);
    const frame = { id: "7", command: "groups-config-update", args: { cpus: "many" } };
    expect(await dispatch(frame, agent, host)).toMatchObject({ error: { code: "invalid-args" } });
    expect(host.seen.held).toEqual([]);
  });

  test("holds what needs a person: in full, secrets by name", async () => {
    const host = memoryHost(sampleCommands);
    const args = { name: "db", command: "npx", args: '["-y"]', env: '{"TOKEN":"s3cret"}' };
    const answer = await dispatch({ id: "7", command: "groups-config-add-mcp-server", args }, agent, host);
    expect(answer).toMatchObject({ ok: false, error: { code: "approval-pending", approvalId: "ap-1" } });
    expect(host.seen.runs).toEqual([]);
    expect(host.seen.held).toMatchObject([
      {
        actor: agent,
        command: "groups config add-mcp-server",
        args: { id: own, env: { TOKEN: "s3cret" } },
        shown: { id: own, name: "db", command: "npx", args: ["-y"], env: { TOKEN: "(hidden)" } },
      },
    ]);
    expect(JSON.stringify(answer)).not.toContain("s3cret");
  });

  test("what cannot be held is refused with the host's reason", async () => {
    const host = memoryHost(sampleCommands);
    const error = { code: "permission-denied", message: "Nobody can approve." } as const;
    const full = { ...host, hold: async () => ({ ok: false, error }) as const };
    const frame = { id: "7", command: "groups-delete", args: {} };
    expect(await dispatch(frame, agent, full)).toEqual({ id: "7", ok: false, error });
  });

  test("a handler that throws becomes handler-error, told to report and to nobody else", async () => {
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
    { what: "cannot keep its decision", port: { record: () => Promise.reject(new Error("x")) } },
  ])("runs nothing in a host that $what", async ({ port }) => {
    const host = memoryHost(sampleCommands);
    const answer = await dispatch({ id: "7", command: "groups-list" }, operator, { ...host, ...port });
    expect(answer).toMatchObject({ error: { code: "handler-error" } });
    expect(host.seen.runs).toEqual([]);
  });

  test("passes on what a handler refuses, warns of or says for people", async () => {
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

describe("the effect of a command", () => {
  const good = async () => ({ ok: true, value: { data: "done" } }) as const;

  test.each(["read", "change"] as const)("a %s runs in the context of its name", async (effect) => {
    const host = withCommand(good, effect);
    expect(await ask("odd-one", {}, host)).toEqual({ id: "7", ok: true, data: "done" });
    expect(host.seen.effects).toEqual([effect]);
  });

  test("an act answers with the outcome of its intent", async () => {
    const outcome = { ok: true, value: { data: [{ id: own }], human: "Restarted." } } as const;
    const host = memoryHost([act], "group", null, outcome);
    const answer = await ask("odd-one", {}, host);
    expect(answer).toEqual({ id: "7", ok: true, data: [{ id: own }], human: "Restarted." });
    expect(host.seen.intents).toEqual([intent]);
  });

  test("an act without an outcome in time is accepted, with the intent's id", async () => {
    const answer = await ask("odd-one", {}, memoryHost([act]));
    expect(answer).toEqual({
      id: "7",
      ok: true,
      data: { accepted: "in-1" },
      human: '"odd one" is accepted as in-1, and the host carries it out.',
    });
    expect(isAccepted(answer.ok && answer.data)).toBe(true);
  });

  test("an act that is accepted names the command that shows its outcome, if the host has one", async () => {
    const host = memoryHost([act]);
    const acts = { ...host.acts!, lookUp: "intents get" };
    expect(await dispatch({ id: "7", command: "odd-one" }, operator, { ...host, acts })).toMatchObject({
      data: { accepted: "in-1" },
      human:
        '"odd one" is accepted as in-1, and the host carries it out. "intents get in-1" shows its outcome.',
    });
  });

  test("an act that refuses writes no intent", async () => {
    const error = { code: "not-found", message: "There is none." } as const;
    const host = memoryHost([{ ...act, intent: async () => ({ ok: false, error }) as const }]);
    expect(await ask("odd-one", {}, host)).toEqual({ id: "7", ok: false, error });
    expect(host.seen.intents).toEqual([]);
  });

  test("an agent gets only its own rows of an outcome", async () => {
    const outcome = { ok: true, value: { data: [{ id: own }, { id: "ag-other" }] } } as const;
    const host = memoryHost([act], "group", null, outcome);
    const answer = await dispatch({ id: "7", command: "odd-one" }, agent, host);
    expect(answer).toEqual({ id: "7", ok: true, data: [{ id: own }] });
  });

  test("an act is a bug of a host that carries none out", async () => {
    const host = memoryHost([act]);
    const { seen, commands, authorization, groupAuthorization, read, change, hold, record, report } = host;
    const without = { commands, authorization, groupAuthorization, read, change, hold, record, report };
    const asked = dispatch({ id: "7", command: "odd-one" }, operator, without as CommandHost<RowsContext>);
    expect(await asked).toMatchObject({
      error: { code: "handler-error" },
    });
    expect(seen.reported).toHaveLength(1);
  });

  test("an act that needs a person writes its intent once it is approved", async () => {
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
