import type { ActCommand, Actor } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { hostBed, member, operator, steward, stranger, type Bed } from "@gatehouse/dispatch/testing";
import { addRow } from "@gatehouse/central-database/testing";
import type { CommandContext, ReadContext } from "@gatehouse/command-context";

const at = "2026-11-20T08:00:00.000Z";

/** An intent of each group and one of the operator. */
const bedWithIntents = async (): Promise<Bed> => {
  const bed = await hostBed();
  const failed = { ok: false, error: { code: "handler-error", message: "It broke." } };
  for (const row of [
    { id: "in-host", payload: '"s3cret"' },
    { id: "in-team", agent_group_id: "ag-team", asked_by: "agent:ag-team/se-team" },
    { id: "in-other", agent_group_id: "ag-other", outcome: JSON.stringify(failed), done_at: at },
  ])
    await addRow(bed.central.db, "intents", row);
  return bed;
};

const who: Readonly<Record<string, Actor>> = { operator, member, stranger, steward };

describe("intents list", () => {
  test.for([
    { actor: "operator", ids: ["in-host", "in-other", "in-team"] },
    { actor: "steward", ids: ["in-host", "in-other", "in-team"] },
    { actor: "member", ids: ["in-team"] },
    { actor: "stranger", ids: ["in-other"] },
  ])("shows the $actor the intents $ids", async ({ actor, ids }) => {
    const rows = (await (await bedWithIntents()).ok(who[actor]!, "intents", "list")) as { id: string }[];
    expect(rows.map(({ id }) => id).sort()).toEqual(ids);
    expect(JSON.stringify(rows)).not.toContain("s3cret");
  });
});

describe("intents get", () => {
  test.for([
    { actor: "member", id: "in-team", code: "ok" },
    { actor: "member", id: "in-other", code: "not-found" },
    { actor: "member", id: "in-host", code: "not-found" },
    { actor: "stranger", id: "in-team", code: "not-found" },
    { actor: "steward", id: "in-host", code: "ok" },
    { actor: "operator", id: "in-team", code: "ok" },
    { actor: "operator", id: "in-none", code: "not-found" },
  ])("answers $code for $id to the $actor", async ({ actor, id, code }) => {
    expect(await (await bedWithIntents()).code(who[actor]!, "intents", "get", id)).toBe(code);
  });

  test("shows an open intent without an outcome, and a failed intent with its error", async () => {
    const bed = await bedWithIntents();
    expect(await bed.ok(operator, "intents", "get", "in-team")).toEqual({
      id: "in-team",
      kind: "reload",
      command: "users reload",
      asked_by: "agent:ag-team/se-team",
      agent_group_id: "ag-team",
      created_at: at,
      done_at: null,
      outcome: null,
    });
    expect(await bed.ok(operator, "intents", "get", "in-other")).toMatchObject({
      done_at: at,
      outcome: { ok: false, error: { code: "handler-error", message: "It broke." } },
    });
  });

  test("shows the outcome of an operator's act to the operator, and not to the agent of a group", async () => {
    const bed = await hostBed();
    await bed.ok(operator, "users", "reload");
    const [row] = (await bed.ok(operator, "intents", "list")) as { id: string }[];
    expect(await bed.ok(operator, "intents", "get", row!.id)).toMatchObject({
      asked_by: "host",
      agent_group_id: null,
      outcome: { ok: true, data: { ok: true } },
    });
    expect(await bed.code(member, "intents", "get", row!.id)).toBe("not-found");
  });
});

/** An act of a group whose handler answers with the rows of two groups. */
const careless: ActCommand<CommandContext, ReadContext> = {
  words: "groups poke",
  resource: "groups",
  effect: "act",
  access: "open",
  reach: "group",
  rowGroup: "id",
  description: "",
  flags: [{ name: "id", type: "string", description: "", required: true, lock: "group" }],
  positional: "id",
  intent: async () => ({ ok: true, value: { kind: "rebuild", payload: null } }),
};

describe("the stored outcome of an agent's act", () => {
  const rows = [{ id: "ag-team" }, { id: "ag-other" }];

  test.for([
    {
      what: "has only the rows of the agent's group",
      data: rows,
      kept: { ok: true, data: [{ id: "ag-team" }] },
    },
    {
      what: "is a refusal if the outcome is about another group",
      data: { id: "ag-other" },
      kept: { ok: false, error: { code: "not-found", message: "The outcome is about another agent group." } },
    },
  ])("the stored outcome $what", async ({ data, kept }) => {
    const handlers = { rebuild: async () => ({ ok: true, value: { data } }) as const };
    const bed = await hostBed({ commands: [careless], handlers });
    await bed.ask(member, "groups", "poke");
    const [row] = (await bed.ok(member, "intents", "list")) as { id: string }[];
    expect(await bed.ok(member, "intents", "get", row!.id)).toMatchObject({ outcome: kept });
  });

  test("the stored outcome is complete for a global agent", async () => {
    const handlers = { rebuild: async () => ({ ok: true, value: { data: rows } }) as const };
    const bed = await hostBed({ commands: [careless], handlers });
    await bed.ok(steward, "groups", "poke", "ag-team");
    const [row] = (await bed.ok(steward, "intents", "list")) as { id: string }[];
    expect(await bed.ok(steward, "intents", "get", row!.id)).toMatchObject({ outcome: { data: rows } });
    expect(await bed.code(member, "intents", "get", row!.id)).toBe("not-found");
  });
});
