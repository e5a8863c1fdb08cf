import { addRow } from "@gatehouse/central-database/testing";
import { fakeRuntime, type FakeContainer } from "@nc/container-runtime/testing";
import { openHostSide, releaseMessages, sessionSignals } from "@gatehouse/session-rows";
import { describe, expect, test } from "vitest";
import { fromAna, given, install, said, says, until } from "../session.fixture.ts";
import { family, talking, toBo, type Talking } from "./talking.fixture.ts";

const spent =
  "This message could not be answered: The agent's process ended 5 times while it worked on this message.";

const claimMessage = async (fixture: Talking, sessionId: string, id: string): Promise<void> => {
  const processing = { id, status: "processing", reason: null } as const;
  const now = new Date().toISOString();
  const agent = fixture.agent(sessionId);
  await agent.projection();
  await agent.commit({ acknowledgements: [processing], messages: [], now });
};

/** Each container of this session claims the message and exits, until the message has failed. */
const crashOn = async (
  fixture: Talking,
  containers: readonly FakeContainer[],
  sessionId: string,
  id: string,
) => {
  const ofSession = () => containers.filter(({ spec }) => spec.label.sessionId === sessionId);
  for (let count = 1; count <= 5; count += 1) {
    await until(() => expect(ofSession()).toHaveLength(count));
    const last = ofSession().at(-1);
    await claimMessage(fixture, sessionId, id);
    last?.end({ code: 1 });
  }
};

/** Ana's agent has one session for all of its chats, including `family`; no destination names that chat. */
const inSeveralChats = async () => {
  const fake = fakeRuntime({ install });
  const fixture = await talking({ runtime: fake.runtime, times: { retryMs: 5, leaseMs: 600_000 } });
  const { db } = fixture.central;
  await addRow(db, "messaging_group_agents", { id: "wi-2", messaging_group_id: "mg-2" });
  await db.updateTable("messaging_group_agents").set({ session_mode: "agent-shared" }).execute();
  await fixture.running.receive(fromAna("f-1", "hello", { platformId: "family" }));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  const shared = await db
    .selectFrom("sessions")
    .select("id")
    .where("messaging_group_id", "is", null)
    .executeTakeFirstOrThrow();
  return { ...fixture, fake, shared: shared.id };
};

describe("a session of several chats", () => {
  test("a session of several chats answers in each chat that is wired to it, and in no other", async () => {
    const fixture = await inSeveralChats();
    await addRow(fixture.central.db, "messaging_groups", {
      id: "mg-3",
      channel_type: "local",
      platform_id: "work",
    });
    await says(
      fixture.agent(fixture.shared),
      said("o-1", family),
      said("o-2", { ...family, platformId: "work" }),
    );
    await until(() => expect(fixture.happened("message-failed")).toMatchObject([{ id: "o-2" }]));
    expect(fixture.channel.sent).toMatchObject([{ id: "o-1", platformId: "family" }]);
  });

  test("a message on which containers exit is reported in the chat that it came from", async () => {
    const fixture = await inSeveralChats();
    await crashOn(fixture, fixture.fake.containers, fixture.shared, "f-1");
    const told = { id: "failed-f-1", platformId: "family", text: spent, failed: true };
    await until(() => expect(fixture.channel.sent).toMatchObject([told]));
  });
});

test("an agent is told if its message crashes the containers of another agent, whose chat is not told", async () => {
  const fake = fakeRuntime({ install });
  const fixture = await talking({ runtime: fake.runtime, times: { retryMs: 5 } });
  await addRow(fixture.central.db, "agent_destinations", {
    local_name: "bo",
    target_type: "agent",
    target_id: "ag-2",
  });
  await says(fixture.agent(fixture.sessionId), said("o-1", toBo));
  await until(() => expect(fake.containers).toHaveLength(2));
  const bos = fake.containers[1]?.spec.label.sessionId ?? "";
  const received = await fixture
    .agent(bos)
    .receive({ isFirst: true, limit: 1, now: new Date().toISOString() });
  await crashOn(fixture, fake.containers, bos, received.ok ? (received.value[0]?.id ?? "") : "");
  await until(async () => expect(fixture.happened("message-failed")).toHaveLength(1));
  await until(async () =>
    expect(await given(fixture.agent(fixture.sessionId))).toEqual(["hello", `Bo: ${spent}`]),
  );
  expect(fixture.channel.sent).toEqual([]);
});

test("a killed host that had given up a message leaves the report of the failure to the next host", async () => {
  const fake = fakeRuntime({ install });
  const fixture = await talking({ runtime: fake.runtime });
  await fixture.running.close();
  const killed = openHostSide({
    db: fixture.central.loop,
    signals: sessionSignals(),
    sessionId: fixture.sessionId,
    token: 1,
  });
  for (let count = 1; count <= 5; count += 1) {
    await claimMessage(fixture, fixture.sessionId, "m-1");
    const now = new Date().toISOString();
    expect(await killed.transact(releaseMessages({ now, maxTries: 5, backoffMs: () => 0 }))).toMatchObject({
      ok: true,
    });
  }
  await killed.close();
  await fixture.host({ runtime: fake.anotherHost() });
  await until(() =>
    expect(fixture.channel.sent).toMatchObject([{ id: "failed-m-1", text: spent, inReplyTo: "m-1" }]),
  );
});
