import { addRow } from "@gatehouse/central-database/testing";
import { fakeRuntime } from "@nc/container-runtime/testing";
import { describe, expect, test } from "vitest";
import type { GivenOrder } from "../session-host.ts";
import { fromAna, given, install, sessionFixture, until } from "../session.fixture.ts";

const prepared = async (failed = false) => {
  const fixture = await sessionFixture();
  const orders: Pick<GivenOrder, "words" | "userId" | "groupId" | "sessionId">[] = [];
  const claimed: string[] = [];
  const fake = fakeRuntime({ install });
  const host = await fixture.host({
    runtime: fake.runtime,
    channels: [
      {
        ...fixture.channel,
        claim: async (_transaction, id) => {
          claimed.push(id);
          return true;
        },
      },
    ],
    orders: {
      "/model": {
        takesWords: true,
        answer: async ({ makeSession, ...order }) => {
          orders.push({ ...order, sessionId: await makeSession() });
          return { text: "Model: opus.", failed };
        },
      },
    },
  });
  return { fixture, fake, host, orders, claimed };
};

describe("a person's order to the host", () => {
  test("an order is answered in the chat, starts no agent, and counts as processed", async () => {
    const { fixture, fake, host, orders, claimed } = await prepared();
    await host.receive(fromAna("m-1", "/model opus"));
    const { id: sessionId } = await fixture.session();
    const order = { words: ["opus"], userId: "local:ana", sessionId, groupId: "ag-1", chatId: "mg-1" };
    expect(orders).toEqual([order]);
    expect(fixture.channel.sent).toMatchObject([{ inReplyTo: "m-1", text: "Model: opus.", from: null }]);
    expect(fixture.channel.sent[0]).not.toHaveProperty("failed");
    expect(claimed).toEqual(["m-1"]);
    expect(await fixture.central.loop.selectFrom("session_messages_in").selectAll().execute()).toEqual([]);
    expect(fake.containers).toEqual([]);
  });

  test("the answer to a refused order is marked as failed", async () => {
    const { fixture, host } = await prepared(true);
    await host.receive(fromAna("m-1", "/model opus"));
    expect(fixture.channel.sent).toMatchObject([{ inReplyTo: "m-1", failed: true }]);
  });

  test("an order that is received again is answered once", async () => {
    const { fixture, host } = await prepared();
    await host.receive(fromAna("m-1", "/model opus"));
    await host.receive(fromAna("m-1", "/model opus"));
    expect(fixture.texts()).toEqual(["Model: opus."]);
  });

  test("an order of a stranger, or in a chat without an agent, is not carried out", async () => {
    const { fixture, host, orders } = await prepared();
    await fixture.central.db
      .updateTable("messaging_groups")
      .set({ unknown_sender_policy: "strict" })
      .execute();
    await host.receive(fromAna("m-1", "/model opus", { userId: "local:eve" }));
    await addRow(fixture.central.db, "messaging_groups", {
      id: "mg-2",
      channel_type: "local",
      platform_id: "x",
    });
    await host.receive(fromAna("m-2", "/model opus", { platformId: "x" }));
    expect(orders).toEqual([]);
  });

  test("a message that contains an order's name after its beginning goes to the agent", async () => {
    const { fixture, host, orders } = await prepared();
    await host.receive(fromAna("m-1", "what does /model do?"));
    const { id } = await fixture.session();
    await until(async () => expect(await given(fixture.agent(id))).toEqual(["what does /model do?"]));
    expect(orders).toEqual([]);
  });
});
