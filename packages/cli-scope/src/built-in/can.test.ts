import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Actor, Scope } from "../decision/actor.ts";
import { dispatch } from "../dispatch/dispatch.ts";
import { wireName } from "../commands/find-command.ts";
import type { ResponseFrame } from "../wire/frame.ts";
import { agent, type MemoryHost, memoryHost, other, own } from "../dispatch/memory-host.fixture.ts";
import { neededArgs, sampleCommands } from "../commands/sample-commands.fixture.ts";

const host: Actor = { type: "host" };

const ask = (words: string, args: object, actor: Actor, memory: MemoryHost): Promise<ResponseFrame> =>
  dispatch({ id: "1", command: words === "" ? "can" : `can-${words}`, args }, actor, memory);

describe("can", () => {
  test.each([
    { words: "groups-get-ag-own", args: {}, effect: "allow", ruleId: "group-open" },
    { words: "groups-delete", args: {}, effect: "approve", ruleId: "group-approval" },
    { words: "groups-create", args: {}, effect: "deny", ruleId: "across-groups" },
    { words: "groups-get", args: { id: other }, effect: "deny", ruleId: "foreign-group" },
    { words: "groups-get-ag-other", args: {}, effect: "deny", ruleId: "foreign-group" },
    { words: "groups-config-update", args: { "CLI-scope": "global" }, effect: "deny", ruleId: "escalation" },
    { words: "groups-config-add-mount", args: {}, effect: "deny", ruleId: "operator-only" },
    { words: "help", args: {}, effect: "allow", ruleId: "group-open" },
    { words: "can", args: {}, effect: "allow", ruleId: "group-open" },
    { words: "can", args: { as_group: own }, effect: "allow", ruleId: "group-open" },
  ])(
    "answers an agent's question about $words $args with $effect",
    async ({ words, args, effect, ruleId }) => {
      const memory = memoryHost(sampleCommands);
      const answer = await ask(words, args, agent, memory);
      expect(answer).toMatchObject({ ok: true, data: { effect, ruleId } });
      expect(answer.ok && Object.keys(answer.data as object)).toEqual(["effect", "ruleId", "reason"]);
      expect(memory.seen).toMatchObject({ runs: [], held: [], reaches: [] });
    },
  );

  test.each([
    { who: "the operator, for itself", args: {}, actor: host, effect: "allow", ruleId: "host" },
    {
      who: "the operator, for a group",
      args: { "as-group": own },
      actor: host,
      effect: "approve",
      ruleId: "group-approval",
    },
    {
      who: "an agent, for its own group",
      args: { as_group: own },
      actor: agent,
      effect: "approve",
      ruleId: "group-approval",
    },
  ])("answers $who", async ({ args, actor, effect, ruleId }) => {
    const answer = await ask("groups-delete", args, actor, memoryHost(sampleCommands));
    expect(answer).toMatchObject({
      ok: true,
      data: { effect, ruleId },
      human: expect.stringContaining(ruleId),
    });
  });

  test.each<{ what: string; words: string; args: object; actor: Actor; scope: Scope; code: string }>([
    {
      what: "an agent about another group",
      words: "groups-get",
      args: { as_group: other },
      actor: agent,
      scope: "group",
      code: "forbidden",
    },
    {
      what: "an agent of scope global about another group",
      words: "groups-get",
      args: { "As-Group": other },
      actor: agent,
      scope: "global",
      code: "forbidden",
    },
    {
      what: "an agent of scope disabled",
      words: "groups-get",
      args: {},
      actor: agent,
      scope: "disabled",
      code: "forbidden",
    },
    {
      what: "a person",
      words: "groups-get",
      args: {},
      actor: { type: "user", userId: "u" },
      scope: "group",
      code: "permission-denied",
    },
    {
      what: "a question without a command",
      words: "",
      args: {},
      actor: host,
      scope: "group",
      code: "invalid-args",
    },
    {
      what: "a question about an unknown command",
      words: "groups-gte",
      args: {},
      actor: host,
      scope: "group",
      code: "unknown-command",
    },
    {
      what: "a question about a group that does not exist",
      words: "groups-get",
      args: { as_group: "ag-x" },
      actor: host,
      scope: "group",
      code: "not-found",
    },
    {
      what: "a repeated flag",
      words: "groups-get",
      args: { id: "a", ID: "b" },
      actor: host,
      scope: "group",
      code: "invalid-args",
    },
    {
      what: "a repeated id",
      words: "groups-get-a",
      args: { id: "b" },
      actor: host,
      scope: "group",
      code: "invalid-args",
    },
    {
      what: "--as-group without a value",
      words: "groups-get",
      args: { as_group: true },
      actor: host,
      scope: "group",
      code: "invalid-args",
    },
  ])("refuses to answer $what", async ({ words, args, actor, scope, code }) => {
    expect(await ask(words, args, actor, memoryHost(sampleCommands, scope))).toMatchObject({
      ok: false,
      error: { code },
    });
  });

  test("answers --list for every command", async () => {
    const answer = await ask("", { list: true, as_group: own }, host, memoryHost(sampleCommands));
    const rows = answer.ok ? (answer.data as { command: string; effect: string }[]) : [];
    expect(rows.map(({ command }) => command)).toEqual([
      "help",
      "can",
      ...sampleCommands.map(({ words }) => words),
    ]);
    expect(new Set(rows.map(({ effect }) => effect))).toEqual(new Set(["allow", "approve", "deny"]));
  });

  test("returns exactly the decision of dispatch", async () => {
    const value = fc.constantFrom<unknown>(own, other, "wi-other", "x", "", true, null, [other]);
    const name = fc.constantFrom(
      "id",
      "ID",
      "group",
      "agent-group-id",
      "cli-scope",
      "sender_scope",
      "model",
      "name",
    );
    const actor = fc.constantFrom<Actor>(agent, host);
    const scope = fc.constantFrom<Scope>("group", "global");
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...sampleCommands),
        fc.dictionary(name, value),
        actor,
        scope,
        async (command, more, who, reach) => {
          const args = { ...neededArgs(command), ...more };
          const [asked, done] = [memoryHost(sampleCommands, reach), memoryHost(sampleCommands, reach)];
          const answer = await ask(wireName(command.words), args, who, asked);
          await dispatch({ id: "1", command: wireName(command.words), args }, who, done);
          const [decision] = done.seen.decisions;
          if (decision === undefined) expect(answer.ok).toBe(false);
          else {
            const { effect, ruleId, reason } = decision;
            expect(answer).toMatchObject({ ok: true, data: { effect, ruleId, reason } });
          }
          expect(asked.seen).toMatchObject({ runs: [], held: [], reaches: [] });
          expect(asked.seen.decisions.every(({ command: words }) => words === "can")).toBe(true);
        },
      ),
    );
  });
});
