import { expect, test } from "vitest";
import { addRow } from "@gatehouse/central-database/testing";
import { hostBed } from "./host.fixture.ts";
import { endSessionsOf } from "./end-sessions-of.ts";

/** Chats of `telegram:5` and of others, each with an active session of `team`. */
const chats = [
  { id: "own", user_id: "telegram:5" },
  { id: "other-id", user_id: "telegram:5", platform_id: "chat-77" },
  { id: "terminal", user_id: "telegram:5", channel_type: "local" },
  { id: "idle", user_id: "telegram:5", container_status: "stopped" },
  { id: "closed", user_id: "telegram:5", status: "closed" },
  { id: "room", platform_id: "telegram:5", is_group: 1 },
  { id: "of-none", platform_id: "telegram:5", instance: "work", dm: "telegram:5" },
  { id: "longer", user_id: "telegram:55" },
  { id: "elsewhere", user_id: "discord:5", channel_type: "discord" },
  { id: "another", user_id: "telegram:6", platform_id: "telegram:5", instance: "old" },
];

const prepared = async () => {
  const bed = await hostBed();
  const { db } = bed.central;
  for (const id of ["telegram:5", "telegram:6"]) await addRow(db, "users", { id });
  for (const { id, dm, status = "active", container_status = "running", ...chat } of chats) {
    await addRow(db, "messaging_groups", { id: `mg-${id}`, platform_id: id, ...chat });
    if (dm !== undefined) await addRow(db, "user_dms", { user_id: dm, messaging_group_id: `mg-${id}` });
    const session = { agent_group_id: "ag-team", messaging_group_id: `mg-${id}`, status, container_status };
    await addRow(db, "sessions", { id: `se-${id}`, ...session });
  }
  await addRow(db, "sessions", {
    id: "se-own-other",
    agent_group_id: "ag-other",
    messaging_group_id: "mg-own",
  });
  return bed;
};

test.for([
  {
    when: "at-once",
    kind: "stop",
    of: {
      "ag-other": ["se-own-other"],
      "ag-team": ["se-idle", "se-other-id", "se-own", "se-terminal"],
    },
    reason: "telegram:5 was removed from users.yaml",
  },
  {
    when: "after-turn",
    kind: "restart",
    of: { "ag-team": ["se-other-id", "se-own", "se-terminal"] },
    reason: "the settings of telegram:5 changed",
  },
] as const)(
  "endSessionsOf ends the sessions in a person's direct chats $when, by one $kind for each group",
  async (row) => {
    const { db } = (await prepared()).central;
    await endSessionsOf(db, "telegram:5", row.when);
    const intents = await db.selectFrom("intents").selectAll().execute();
    const asked = intents.map((intent) => JSON.parse(intent.payload) as { groupId: string });
    const wanted = Object.entries(row.of).map(([groupId, sessionIds]) => ({
      sessionIds,
      groupId,
      message: null,
      reason: row.reason,
    }));
    expect(asked.toSorted((one, other) => (one.groupId < other.groupId ? -1 : 1))).toEqual(wanted);
    for (const intent of intents)
      expect(intent).toMatchObject({
        kind: row.kind,
        asked_by: "host",
        command: "users reload",
        done_at: null,
      });
  },
);

test("endSessionsOf writes no intent for a person without sessions", async () => {
  const { db } = (await prepared()).central;
  for (const when of ["at-once", "after-turn"] as const) await endSessionsOf(db, "telegram:9", when);
  expect(await db.selectFrom("intents").selectAll().execute()).toEqual([]);
});
