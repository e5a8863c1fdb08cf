import type { AgentActor } from "@nc/cli-scope";
import { describe, expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, member, operator, steward, type Bed } from "@gatehouse/dispatch/testing";

const outside = {
  runtime: { name: "process", isolation: "process", cannot: { image: "It has no images." } },
} as const;
const inside = { runtime: { name: "docker", isolation: "container", cannot: {} } } as const;

type Try = {
  readonly what: string;
  readonly line: string;
  readonly by?: AgentActor;
  readonly runtime?: Parameters<typeof hostBed>[0];
  readonly says: RegExp;
};

const update = "groups config update --id ag-team";

/** Every effect that an operator confirms with --yes. */
const effects: readonly Try[] = [
  {
    what: "all tools outside containers",
    line: `${update} --tools allow-all`,
    runtime: outside,
    says: /everything that its account may do/,
  },
  { what: "an open network", line: `${update} --network open`, says: /With network open/ },
  {
    what: "an unknown model",
    line: `${update} --model none --yes`,
    says: /even if the agent's CLI does not know/,
  },
  {
    what: "an unknown effort",
    line: `${update} --effort none --yes`,
    says: /even if the agent's CLI does not know/,
  },
  {
    what: "an unknown model of a session",
    line: "sessions config update se-team --model none --yes",
    says: /even if the agent's CLI does not know/,
  },
  {
    what: "the scope global for strangers",
    line: "groups config update ag-other --cli-scope global --yes",
    by: steward,
    says: /ag-other may use all of ncl, and strangers could write to it in mg-other/,
  },
  {
    what: "a wiring for strangers",
    line: "wirings create --messaging-group-id mg-open --agent-group-id ag-home --engage-mode mention --yes",
    by: steward,
    says: /ag-home may use all of ncl, and strangers could write to it in mg-open/,
  },
  {
    what: "a chat for strangers",
    line: "messaging-groups update mg-closed --unknown-sender-policy public --yes",
    by: steward,
    says: /strangers could write to it in mg-closed/,
  },
  {
    what: "a wiring opened to strangers",
    line: "wirings update wi-known --sender-scope all --yes",
    by: steward,
    says: /strangers could write to it in mg-known/,
  },
  {
    what: "the last group of scope global",
    line: "groups delete ag-home --yes",
    by: steward,
    says: /ag-home would be hard to replace/,
  },
];

const prepared = async (runtime: Try["runtime"]): Promise<Bed> => {
  const bed = await hostBed(runtime);
  const { db } = bed.central;
  const chat = (id: string, unknown_sender_policy: string) =>
    addRow(db, "messaging_groups", { id, platform_id: `telegram:${id}`, is_group: 1, unknown_sender_policy });
  for (const id of ["mg-open", "mg-known", "mg-other"]) await chat(id, "public");
  await chat("mg-closed", "strict");
  const wire = (id: string, messaging_group_id: string, agent_group_id: string, sender_scope: string) =>
    addRow(db, "messaging_group_agents", { id, messaging_group_id, agent_group_id, sender_scope });
  await wire("wi-known", "mg-known", "ag-home", "known");
  await wire("wi-closed", "mg-closed", "ag-home", "all");
  await wire("wi-other", "mg-other", "ag-other", "all");
  return bed;
};

describe("the card of a change that an operator confirms with --yes", () => {
  test.each(effects)("says the effect of $what", async ({ line, by = member, runtime = inside, says }) => {
    const bed = await prepared(runtime);
    const held = await bed.ask(by, ...line.split(" "));
    const id = held.ok ? "" : (held.approvalId ?? JSON.stringify(held));
    const [row] = (await bed.ok(operator, "approvals", "list")) as readonly {
      readonly consequence: unknown;
    }[];
    expect([id, row]).toEqual([expect.stringMatching(/^ap-/), expect.anything()]);
    expect(JSON.stringify(row?.consequence)).toMatch(says);
    expect(await bed.ok(operator, "approvals", "approve", id)).toMatchObject({ status: "approved" });
  });

  test("every command with --yes that an agent may ask for is in the table, or says its effect in any case", async () => {
    const { host } = await hostBed();
    const asked = host.commands.filter(
      ({ access, flags }) => access === "approval" && flags.some(({ name }) => name === "yes"),
    );
    const tried = asked.filter(({ words }) => effects.some(({ line }) => line.startsWith(`${words} `)));
    // An agent's rollback keeps the fields that need --yes: open-network.test.ts. --yes of a task is for an operator who is
    // shown its next times; an agent's card shows them always: tasks.
    expect(
      asked.map(({ words }) => words).filter((words) => !tried.some((one) => one.words === words)),
    ).toEqual(["groups config rollback", "tasks create"]);
    const silent = asked.filter(
      ({ consequence, preview }) => consequence === undefined && preview === undefined,
    );
    expect(silent).toEqual([]);
  });

  test.each([
    { what: "all tools in containers", line: `${update} --tools allow-all --yes`, runtime: inside },
    { what: "fewer tools", line: `${update} --tools deny --yes`, runtime: outside },
    { what: "the network to the gateway", line: `${update} --network gateway --yes`, runtime: inside },
    { what: "a model without --yes", line: `${update} --model opus`, runtime: inside },
  ])("has no further line for $what", async ({ line, runtime }) => {
    const bed = await prepared(runtime);
    await bed.ask(member, ...line.split(" "));
    expect(await bed.ok(operator, "approvals", "list")).toMatchObject([{ consequence: null }]);
  });
});
