import { addRow } from "@gatehouse/control-plane/testing";
import { expect, test } from "vitest";
import { fromAna, given, said, says, until } from "../session-bed.fixture.ts";
import { talking, toBo } from "./talking.fixture.ts";

const toAna = { channelType: "agent", platformId: "ag-1" };

/** Ana's session, and two of Bo's, each in a chat of its own: the second one is the newest. */
const withTwoOfBo = async () => {
  const bed = await talking();
  const { db } = bed.central;
  await addRow(db, "messaging_groups", { id: "mg-3", channel_type: "local", platform_id: "work" });
  for (const chat of ["mg-2", "mg-3"])
    await addRow(db, "messaging_group_agents", {
      ...{ id: `wi-${chat}`, messaging_group_id: chat, agent_group_id: "ag-2" },
    });
  await addRow(db, "agent_destinations", { local_name: "bo", target_type: "agent", target_id: "ag-2" });
  const ana = { local_name: "ana", target_type: "agent", target_id: "ag-1" };
  await addRow(db, "agent_destinations", { ...ana, agent_group_id: "ag-2" });
  for (const platformId of ["family", "work"])
    await bed.running.take(fromAna(`m-${platformId}`, platformId, { platformId }));
  const sessionIn = async (chat: string): Promise<string> => {
    const row = db.selectFrom("sessions").select("id").where("messaging_group_id", "=", chat);
    return (await row.executeTakeFirstOrThrow()).id;
  };
  const [older, newest] = [await sessionIn("mg-2"), await sessionIn("mg-3")];
  await db
    .updateTable("sessions")
    .set({ last_active: "2999-01-01T00:00:00.000Z" })
    .where("id", "=", newest)
    .execute();
  const agents = {
    ana: bed.agent(bed.sessionId),
    older: bed.agent(older, "ag-2"),
    newest: bed.agent(newest, "ag-2"),
  };
  await until(() => expect(bed.happened("container-started")).toHaveLength(3));
  return { ...bed, older, agents };
};

test("without a question it goes to the newest session of the group, then to the one that wrote last (case 62)", async () => {
  const { agents } = await withTwoOfBo();
  await says(agents.ana, said("o-1", toBo));
  await until(async () => expect(await given(agents.newest)).toEqual(["work", "o-1"]));
  await says(agents.older, said("b-1", toAna));
  await until(async () => expect(await given(agents.ana)).toEqual(["hello", "b-1"]));
  await says(agents.ana, said("o-2", toBo));
  await until(async () => expect(await given(agents.older)).toEqual(["family", "o-2"]));
});

test("a session that is closed or of another group is none to answer to (case 62)", async () => {
  const bed = await withTwoOfBo();
  const { agents, older } = bed;
  await says(agents.older, said("b-1", toAna));
  await until(async () => expect(await given(agents.ana)).toEqual(["hello", "b-1"]));
  await bed.running.carriers.stop({ sessionIds: [older] }, "in-1");
  await says(agents.ana, said("o-1", toBo));
  await until(async () => expect(await given(agents.newest)).toEqual(["work", "o-1"]));
  for (const [id, origin] of [
    ["o-2", older],
    ["o-3", bed.sessionId],
    ["o-4", "se-none"],
  ] as const)
    await says(agents.ana, said(id, { ...toBo, inReplyTo: `a2a-1-${origin}-0123456789abcdef` }));
  await until(async () => expect(await given(agents.newest)).toEqual(["work", "o-1", "o-2", "o-3", "o-4"]));
});

test("a group's agent may write to itself without a destination (case 63)", async () => {
  const bed = await talking();
  const agent = bed.agent(bed.sessionId);
  await says(agent, said("o-1", toAna));
  await until(async () => expect(await given(agent)).toEqual(["hello", "o-1"]));
});
