import type { Json } from "@nc/cli-scope";
import { expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed, operator, person, steward } from "@gatehouse/dispatch/testing";

/**
 * Two groups in the chat `mg-both`, each with a session there. `team` also has a session in its own chat and
 * two closed ones in `mg-both`, of which only `se-ending` has a container.
 */
const prepared = async () => {
  const stops: Json[] = [];
  const stop = async (payload: Json) => {
    stops.push(payload);
    return { ok: true, value: { data: null } } as const;
  };
  const bed = await hostBed({ handlers: { stop } });
  const { db } = bed.central;
  await addRow(db, "messaging_groups", { id: "mg-both", platform_id: "telegram:-9" });
  const session = (id: string, agent_group_id: string, messaging_group_id: string | null, more = {}) =>
    addRow(db, "sessions", { id, agent_group_id, messaging_group_id, thread_id: id, ...more });
  for (const name of ["team", "other"]) {
    const wiring = { messaging_group_id: "mg-both", agent_group_id: `ag-${name}` };
    await addRow(db, "messaging_group_agents", { id: `wi-both-${name}`, ...wiring });
    await session(`se-both-${name}`, `ag-${name}`, "mg-both");
  }
  await session("se-closed", "ag-team", "mg-both", { status: "closed" });
  await session("se-ending", "ag-team", "mg-both", { status: "closed", container_status: "running" });
  return { bed, stops };
};

const stopped = (groupId: string, sessionIds: readonly string[], noun: string) => ({
  groupId,
  sessionIds,
  message: null,
  reason: `its ${noun} was deleted`,
});

test.for([
  {
    line: "groups delete ag-team",
    stopping: 3,
    stops: [stopped("ag-team", ["se-both-team", "se-ending", "se-team"], "group")],
  },
  {
    line: "messaging-groups delete mg-both",
    stopping: 3,
    stops: [
      stopped("ag-other", ["se-both-other"], "messaging group"),
      stopped("ag-team", ["se-both-team", "se-ending"], "messaging group"),
    ],
  },
  {
    line: "wirings delete wi-both-team",
    stopping: 2,
    stops: [stopped("ag-team", ["se-both-team", "se-ending"], "wiring")],
  },
  { line: "messaging-groups delete mg-free", stopping: undefined, stops: [] },
])("$line stops and counts the sessions of what it deletes", async (row) => {
  const { bed, stops } = await prepared();
  const deleted = (await bed.ok(operator, ...row.line.split(" "))) as { stopping?: number };
  expect(deleted.stopping).toBe(row.stopping);
  await expect.poll(() => stops).toEqual(row.stops);
  const intents = await bed.central.db.selectFrom("intents").select(["command", "asked_by"]).execute();
  const command = row.line.split(" ").slice(0, 2).join(" ");
  expect(intents).toEqual(row.stops.map(() => ({ command, asked_by: "host" })));
});

test("a deletion that fails stops nothing", async () => {
  const { bed, stops } = await prepared();
  expect(await bed.code(operator, "groups", "delete", "ag-none")).toBe("not-found");
  expect(await bed.ok(operator, "intents", "list")).toEqual([]);
  expect(stops).toEqual([]);
});

test("a deletion that waits for a person stops the sessions only after the approval", async () => {
  const { bed, stops } = await prepared();
  const asked = await bed.ask(steward, "wirings", "delete", "wi-both-other");
  expect(stops).toEqual([]);
  await bed.ok(person("owner"), "approvals", "approve", asked.ok ? "" : (asked.approvalId ?? ""));
  await expect.poll(() => stops).toEqual([stopped("ag-other", ["se-both-other"], "wiring")]);
});
