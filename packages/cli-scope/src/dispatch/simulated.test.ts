import { describe, expect, test } from "vitest";
import type { Actor } from "../decision/actor.ts";
import { sampleCommands } from "../commands/sample-commands.fixture.ts";
import { dispatch } from "./dispatch.ts";
import { agent, memoryHost, other, own, type MemoryHost } from "./memory-host.fixture.ts";

const operator: Actor = { type: "host" };

const ask = (host: MemoryHost, command: string, args: object, actor: Actor = operator) =>
  dispatch({ id: "1", command, args }, actor, host);

describe("--as-group", () => {
  test.for(["as-group", "as_group", "AS-Group"])(
    "%s shows the operator what the group's agent sees, and logs that the host asked",
    async (flag) => {
      const host = memoryHost(sampleCommands);
      const answer = await ask(host, "groups-list", { [flag]: own });
      expect(answer).toMatchObject({ ok: true, data: [{ id: own }] });
      expect(host.seen.reaches).toEqual([{ groupId: own }]);
      expect(host.seen.decisions).toMatchObject([
        { actor: { type: "agent", groupId: own, simulatedBy: "host" }, ruleId: "group-open", args: {} },
      ]);
    },
  );

  test("refuses commands that the agent may not use, and another group's id", async () => {
    const host = memoryHost(sampleCommands);
    expect(await ask(host, "groups-get", { id: other, "as-group": own })).toMatchObject({
      error: { code: "forbidden" },
    });
    expect(host.seen.runs).toEqual([]);
    const disabled = memoryHost(sampleCommands, "disabled");
    expect(await ask(disabled, "help", { "as-group": own })).toMatchObject({ error: { code: "forbidden" } });
  });

  test("checks a command that needs a person, but neither holds nor runs it", async () => {
    const host = memoryHost(sampleCommands);
    const answer = await ask(host, "groups-update", { name: "New", "as-group": own });
    expect(answer).toEqual({
      id: "1",
      ok: false,
      error: {
        code: "approval-pending",
        message: expect.stringContaining("No approval was made") as unknown,
      },
    });
    expect(host.seen).toMatchObject({ held: [], runs: [], decisions: [{ effect: "approve" }] });
  });

  test.for([
    { what: "a group that does not exist", args: { "as-group": other }, code: "not-found", says: other },
    { what: "a missing value", args: { "as-group": true }, code: "invalid-args", says: "needs a value" },
    {
      what: "two spellings",
      args: { "as-group": own, as_group: own },
      code: "invalid-args",
      says: "same flag",
    },
    {
      what: "a control character",
      args: { "as-group": "a\u0000" },
      code: "invalid-args",
      says: "--as-group",
    },
  ])("refuses $what", async ({ args, code, says }) => {
    const host = memoryHost(sampleCommands);
    expect(await ask(host, "groups-list", args)).toMatchObject({
      error: { code, message: expect.stringContaining(says) as unknown },
    });
    expect(host.seen.runs).toEqual([]);
  });

  test.for<{ who: string; actor: Actor; code: string }>([
    { who: "an agent", actor: agent, code: "forbidden" },
    { who: "a person", actor: { type: "user", userId: "telegram:1" }, code: "permission-denied" },
  ])("refuses $who that names another group", async ({ actor, code }) => {
    const host = memoryHost(sampleCommands);
    expect(await ask(host, "groups-list", { "as-group": other }, actor)).toMatchObject({ error: { code } });
    expect(host.seen.runs).toEqual([]);
    expect(host.seen.decisions).toMatchObject([{ actor, effect: "deny" }]);
  });
});
