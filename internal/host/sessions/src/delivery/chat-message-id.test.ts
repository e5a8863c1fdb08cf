import { addRow } from "@gatehouse/central-database/testing";
import { describe, expect, test } from "vitest";
import { fromAna, said, says, until } from "../session.fixture.ts";
import { talking } from "./talking.fixture.ts";

const anasChat = { channelType: "local", platformId: "ana" };

/** Ana's agent, and Bo's, which may also write to Ana's chat. */
const withBo = async () => {
  const fixture = await talking();
  const { db } = fixture.central;
  await addRow(db, "messaging_group_agents", {
    id: "wi-bo",
    messaging_group_id: "mg-2",
    agent_group_id: "ag-2",
  });
  const destination = { agent_group_id: "ag-2", local_name: "ana", target_type: "channel" };
  await addRow(db, "agent_destinations", { ...destination, target_id: "mg-1" });
  await fixture.running.receive(fromAna("f-1", "hello", { platformId: "family" }));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  const row = db.selectFrom("sessions").select("id").where("agent_group_id", "=", "ag-2");
  const { id: ofBo } = await row.executeTakeFirstOrThrow();
  return { ...fixture, ofBo, ana: fixture.agent(fixture.sessionId), bo: fixture.agent(ofBo) };
};

describe("the ids that agents choose", () => {
  test.each([
    { what: "an answer to a message that it did not receive", inReplyTo: "m-1" },
    { what: "a message of its own", inReplyTo: null },
  ])(
    "an agent's answer is sent even if another agent used its id before, for $what",
    async ({ inReplyTo }) => {
      const { ana, bo, ofBo, sessionId, channel } = await withBo();
      await says(bo, said("re-m-1", { ...anasChat, inReplyTo }));
      await until(() => expect(channel.sent).toHaveLength(1));
      await says(ana, said("re-m-1", { inReplyTo: "m-1" }));
      await until(() => expect(channel.ids).toEqual([`${ofBo}:re-m-1`, `${sessionId}:re-m-1`]));
      expect(channel.sent).toMatchObject([
        { from: "Bo", inReplyTo: null },
        { from: "Ana", inReplyTo: "m-1" },
      ]);
    },
  );

  test("a message of an agent never gets the id of a card or of its outcome", async () => {
    const { ana, sessionId, channel } = await withBo();
    const outcome = "closed-card-ap-1-local:ana";
    await says(ana, said(outcome), said("o-1", { inReplyTo: "card-ap-1-local:ana" }));
    await until(() => expect(channel.ids).toEqual([`${sessionId}:${outcome}`, `${sessionId}:o-1`]));
    // The card of an approval closes with a message that answers it.
    expect(channel.sent[1]?.inReplyTo).toBeNull();
  });
});
