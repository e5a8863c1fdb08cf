import { addRow } from "@gatehouse/control-plane/testing";
import { fakeRuntime, type FakeContainer } from "@nc/container-runtime/testing";
import { openHostSide, sessionSignals } from "@nc/session-db/node";
import { describe, expect, test } from "vitest";
import { fromAna, given, install, said, says, until } from "../session-bed.fixture.ts";
import { family, talking, toBo, type Talking } from "./talking.fixture.ts";

const spent =
  "This message could not be answered: The agent's process ended 5 times while it worked on this message.";

const takeIntoWork = async (bed: Talking, sessionId: string, id: string): Promise<void> => {
  const processing = { id, status: "processing", reason: null } as const;
  const now = new Date().toISOString();
  const agent = bed.agent(sessionId);
  await agent.projection();
  await agent.commit({ acknowledgements: [processing], messages: [], now });
};

/** Each container of this session takes the message and ends, until it has failed. */
const crashOn = async (bed: Talking, containers: readonly FakeContainer[], sessionId: string, id: string) => {
  const ofSession = () => containers.filter(({ spec }) => spec.label.sessionId === sessionId);
  for (let count = 1; count <= 5; count += 1) {
    await until(() => expect(ofSession()).toHaveLength(count));
    const last = ofSession().at(-1);
    await takeIntoWork(bed, sessionId, id);
    last?.end({ code: 1 });
  }
};

/** Ana's agent has one session for all of its chats, `family` among them; no destination names one. */
const inSeveralChats = async () => {
  const fake = fakeRuntime({ install });
  const bed = await talking({ runtime: fake.runtime, times: { retryMs: 5, leaseMs: 600_000 } });
  const { db } = bed.central;
  await addRow(db, "messaging_group_agents", { id: "wi-2", messaging_group_id: "mg-2" });
  await db.updateTable("messaging_group_agents").set({ session_mode: "agent-shared" }).execute();
  await bed.running.take(fromAna("f-1", "hello", { platformId: "family" }));
  await until(() => expect(bed.happened("container-started")).toHaveLength(2));
  const shared = await db
    .selectFrom("sessions")
    .select("id")
    .where("messaging_group_id", "is", null)
    .executeTakeFirstOrThrow();
  return { ...bed, fake, shared: shared.id };
};

describe("a session of several chats", () => {
  test("answers in each chat that is wired to it, and in no other (cases 4, 58)", async () => {
    const bed = await inSeveralChats();
    await addRow(bed.central.db, "messaging_groups", {
      id: "mg-3",
      channel_type: "local",
      platform_id: "work",
    });
    await says(bed.agent(bed.shared), said("o-1", family), said("o-2", { ...family, platformId: "work" }));
    await until(() => expect(bed.happened("message-failed")).toMatchObject([{ id: "o-2" }]));
    expect(bed.channel.sent).toMatchObject([{ id: "o-1", platformId: "family" }]);
  });

  test("whose containers end on a message tells the chat that it came from (case 72)", async () => {
    const bed = await inSeveralChats();
    await crashOn(bed, bed.fake.containers, bed.shared, "f-1");
    const told = { id: "failed-f-1", platformId: "family", text: spent, failed: true };
    await until(() => expect(bed.channel.sent).toMatchObject([told]));
  });
});

test("an agent whose message ends the other's containers is told, and the other's chat is not (case 61)", async () => {
  const fake = fakeRuntime({ install });
  const bed = await talking({ runtime: fake.runtime, times: { retryMs: 5 } });
  await addRow(bed.central.db, "agent_destinations", {
    local_name: "bo",
    target_type: "agent",
    target_id: "ag-2",
  });
  await says(bed.agent(bed.sessionId), said("o-1", toBo));
  await until(() => expect(fake.containers).toHaveLength(2));
  const bos = fake.containers[1]?.spec.label.sessionId ?? "";
  const received = await bed.agent(bos).receive({ isFirst: true, limit: 1, now: new Date().toISOString() });
  await crashOn(bed, fake.containers, bos, received.ok ? (received.value[0]?.id ?? "") : "");
  await until(async () => expect(bed.happened("message-failed")).toHaveLength(1));
  await until(async () => expect(await given(bed.agent(bed.sessionId))).toEqual(["hello", `Bo: ${spent}`]));
  expect(bed.channel.sent).toEqual([]);
});

test("a message that a host gave up and was killed before it told of it is told by the next one", async () => {
  const fake = fakeRuntime({ install });
  const bed = await talking({ runtime: fake.runtime });
  await bed.running.close();
  const killed = openHostSide({
    ...{ db: bed.central.rows, signals: sessionSignals(), sessionId: bed.sessionId, token: 1 },
  });
  for (let count = 1; count <= 5; count += 1) {
    await takeIntoWork(bed, bed.sessionId, "m-1");
    const now = new Date().toISOString();
    expect(await killed.release({ now, maxTries: 5, backoffMs: () => 0 })).toMatchObject({ ok: true });
  }
  await killed.close();
  await bed.host({ runtime: fake.anotherHost() });
  await until(() =>
    expect(bed.channel.sent).toMatchObject([{ id: "failed-m-1", text: spent, inReplyTo: "m-1" }]),
  );
});
