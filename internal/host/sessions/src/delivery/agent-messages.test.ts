import { addRow } from "@gatehouse/central-database/testing";
import { expect, test } from "vitest";
import { aboutSessions, fromAna, given, said, says, until } from "../session.fixture.ts";
import { idOf, talking, toAna, toBo } from "./talking.fixture.ts";

/** Ana's session, and two of Bo's, each in its own chat: the second one is the newest. */
const withTwoOfBo = async () => {
  const fixture = await talking();
  const { db } = fixture.central;
  await addRow(db, "messaging_groups", { id: "mg-3", channel_type: "local", platform_id: "work" });
  for (const chat of ["mg-2", "mg-3"])
    await addRow(db, "messaging_group_agents", {
      id: `wi-${chat}`,
      messaging_group_id: chat,
      agent_group_id: "ag-2",
    });
  await addRow(db, "agent_destinations", { local_name: "bo", target_type: "agent", target_id: "ag-2" });
  const ana = { local_name: "ana", target_type: "agent", target_id: "ag-1" };
  await addRow(db, "agent_destinations", { ...ana, agent_group_id: "ag-2" });
  for (const platformId of ["family", "work"])
    await fixture.running.receive(fromAna(`m-${platformId}`, platformId, { platformId }));
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
    ana: fixture.agent(fixture.sessionId),
    older: fixture.agent(older),
    newest: fixture.agent(newest),
  };
  await until(() => expect(fixture.happened("container-started")).toHaveLength(3));
  return { ...fixture, older, agents };
};

test("a message that answers no question goes to the newest session of the group, later to the session that wrote last", async () => {
  const { agents } = await withTwoOfBo();
  await says(agents.ana, said("o-1", toBo));
  await until(async () => expect(await given(agents.newest)).toEqual(["work", "o-1"]));
  await says(agents.older, said("b-1", toAna));
  await until(async () => expect(await given(agents.ana)).toEqual(["hello", "b-1"]));
  await says(agents.ana, said("o-2", toBo));
  await until(async () => expect(await given(agents.older)).toEqual(["family", "o-2"]));
});

test("an answer never goes to a closed session, nor to a session of another group than the addressed one", async () => {
  const { agents, older, running } = await withTwoOfBo();
  await says(agents.older, said("b-1", toAna));
  const inReplyTo = await idOf(agents.ana, "b-1");
  await says(agents.ana, said("o-1", { ...toAna, inReplyTo }));
  await until(async () => expect(await given(agents.ana)).toEqual(["hello", "b-1", "o-1"]));
  await running.handlers.stop(aboutSessions(older), "in-1");
  await says(agents.ana, said("o-2", { ...toBo, inReplyTo }));
  await until(async () => expect(await given(agents.newest)).toEqual(["work", "o-2"]));
});

test("an answer goes to the session that asked, also if its group is no destination", async () => {
  const { agents, central } = await withTwoOfBo();
  await says(agents.older, said("b-1", toAna));
  const inReplyTo = await idOf(agents.ana, "b-1");
  await central.db.deleteFrom("agent_destinations").where("agent_group_id", "=", "ag-1").execute();
  await says(agents.ana, said("o-1", { ...toBo, inReplyTo }));
  await until(async () => expect(await given(agents.older)).toEqual(["family", "o-1"]));
});

test("an answer to a message that the session never received reaches no other group", async () => {
  const fixture = await withTwoOfBo();
  const { agents, central, older } = fixture;
  await says(agents.ana, said("o-1", toBo));
  const ofAna = await idOf(agents.newest, "o-1");
  await central.db.deleteFrom("agent_destinations").where("agent_group_id", "=", "ag-1").execute();
  const forged = [`a2a-0-${older}-0123456789abcdef`, ofAna.replace(fixture.sessionId, older)];
  for (const [index, inReplyTo] of forged.entries())
    await says(agents.ana, said(`forged-${index}`, { ...toBo, inReplyTo }));
  await until(() => expect(fixture.happened("message-failed")).toHaveLength(2));
  for (const { reason } of fixture.happened("message-failed"))
    expect(reason).toBe("ag-2 is not a destination of this group.");
  expect(await given(agents.older)).toEqual(["family"]);
});

test("a group's agent may write to itself without a destination", async () => {
  const fixture = await talking();
  const agent = fixture.agent(fixture.sessionId);
  await says(agent, said("o-1", toAna));
  await until(async () => expect(await given(agent)).toEqual(["hello", "o-1"]));
});
