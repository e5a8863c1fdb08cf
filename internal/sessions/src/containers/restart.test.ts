import { addRow } from "@gatehouse/control-plane/testing";
import { fakeRuntime, type FakeRuntimeOptions } from "@nc/container-runtime/testing";
import type { AgentEnd } from "@nc/session-db";
import { expect, onTestFinished, test } from "vitest";
import { fromAna, given, install, said, sessionBed, until } from "../session-bed.fixture.ts";

const acknowledge = async (
  agent: AgentEnd,
  id: string,
  status: "processing" | "completed",
): Promise<void> => {
  const acknowledgements = [{ id, status, reason: null }];
  const messages = status === "completed" ? [said(`re-${id}`)] : [];
  const now = new Date().toISOString();
  expect(await agent.commit({ acknowledgements, messages, now })).toMatchObject({ ok: true });
};

/** A session whose container runs, and has answered what it was asked. */
const answered = async (options: FakeRuntimeOptions = {}) => {
  const bed = await sessionBed();
  const fake = fakeRuntime({ install, ...options });
  // It lets go of no session that another host asks for.
  const times = { leaseMs: 600_000, askedMs: 600_000 };
  const running = await bed.host({ runtime: fake.runtime, times });
  await running.take(fromAna("m-1", "hello"));
  await until(() => expect(bed.happened("container-started")).toHaveLength(1));
  const { id } = await bed.session();
  await acknowledge(bed.agent(id), "m-1", "completed");
  await until(() => expect(bed.texts()).toEqual(["re-m-1"]));
  const restart = (message: string | null) => ({ sessionIds: [id], groupId: "ag-1", message, reason: "" });
  const addNote = (note: string): Promise<void> =>
    addRow(bed.central.db, "system_messages", {
      ...{ id: note, session_id: id },
      content: JSON.stringify({ type: "cli_response", status: "approved", text: note }),
    });
  return { ...bed, fake, running, id, restart, addNote };
};

test("a host that ends between the end of a container and the next start: the next host starts it, its message once (case 80, F21, seed restart 6)", async () => {
  let letGo = (): void => {};
  const gate = new Promise<null>((resolve) => (letGo = () => resolve(null)));
  const spawning: number[] = [];
  const bed = await answered({
    beforeSpawn: ({ label: { incarnation, token } }) => {
      spawning.push(incarnation);
      return incarnation === 2 && token === 1 ? gate : null;
    },
  });
  onTestFinished(letGo);
  const { fake, running, id } = bed;
  // The first host gets no further than this: the old container has ended, and no new one runs.
  const stopped = running.carriers.restart(bed.restart("news"), "in-1");
  await until(() => expect(spawning).toEqual([1, 2]));
  expect(fake.containers.map((one) => one.hasEnded())).toEqual([true]);
  const next = await bed.host({ runtime: fake.anotherHost() });
  await until(() => expect(bed.happened("container-started")).toHaveLength(2));
  expect(await given(bed.agent(id))).toEqual(["news"]);
  await acknowledge(bed.agent(id), `restart-in-1-${id}`, "completed");
  await until(() => expect(bed.texts()).toEqual(["re-m-1", `re-restart-in-1-${id}`]));
  // The intent has no outcome yet, so it is carried out again.
  await next.carriers.restart(bed.restart("news"), "in-1");
  expect(await given(bed.agent(id))).toEqual([]);
  letGo();
  await stopped;
  await until(() => expect(fake.containers.map((one) => one.hasEnded())).toEqual([true, true, true]));
});

test("the note of an approved restart reaches the next container, though the dying one had it in work (B2)", async () => {
  const bed = await answered();
  await bed.addNote("sm-1");
  await bed.running.lookForNotes();
  await acknowledge(bed.agent(bed.id), "sm-1", "processing");
  await bed.running.carriers.restart(bed.restart(null), "in-1");
  await until(() => expect(bed.happened("container-started")).toHaveLength(2));
  expect(await given(bed.agent(bed.id))).toEqual(["sm-1"]);
});

test("a note that comes once the container has ended wakes the next one at once (B2)", async () => {
  const bed = await answered();
  await bed.running.carriers.restart(bed.restart(null), "in-1");
  expect(bed.fake.containers.map((one) => one.hasEnded())).toEqual([true]);
  await bed.addNote("sm-1");
  await bed.running.lookForNotes();
  await until(() => expect(bed.happened("container-started")).toHaveLength(2));
  expect(await given(bed.agent(bed.id))).toEqual(["sm-1"]);
});

test("a session that is deleted while its container ends is not started again (case 76, seed restart 7)", async () => {
  const bed = await answered({ onKill: () => undefined });
  const { fake, id } = bed;
  const restarted = bed.running.carriers.restart(bed.restart("news"), "in-1");
  await until(() => expect(fake.containers[0]?.kills).toHaveLength(1));
  expect(await given(bed.agent(id))).toEqual([]);
  for (const table of ["session_leases", "sessions"] as const)
    await bed.central.db.deleteFrom(table).execute();
  fake.containers[0]?.end();
  await restarted;
  await until(() => expect(bed.happened("container-ended")).toHaveLength(1));
  expect(fake.containers).toHaveLength(1);
});

test("a message for a session without a container is kept for its next start, which it does not cause", async () => {
  const bed = await answered();
  const { fake, running, id } = bed;
  fake.containers[0]?.end();
  await until(() => expect(bed.happened("container-ended")).toHaveLength(1));
  const payload = { ...bed.restart("news"), sessionIds: [], keptFor: [id] };
  const kept = {
    ok: true,
    value: { data: { restarted: 0, rebuilt: false, kept: 1 }, warnings: [] },
  };
  expect(await running.carriers.restart(payload, "in-1")).toEqual(kept);
  // A host that died before the outcome was written carries it out again.
  expect(await running.carriers.restart(payload, "in-1")).toEqual(kept);
  expect(fake.containers).toHaveLength(1);
  await running.take(fromAna("m-2", "hello again"));
  await until(() => expect(bed.happened("container-started")).toHaveLength(2));
  expect(await given(bed.agent(id))).toEqual(["news", "hello again"]);
});

test("a message for a group without conversations is told to nobody, and the answer says so", async () => {
  const bed = await answered();
  const payload = { ...bed.restart("news"), sessionIds: [] };
  expect(await bed.running.carriers.restart(payload, "in-1")).toMatchObject({
    value: { data: { restarted: 0, kept: 0 }, warnings: [expect.stringContaining("no conversation yet")] },
  });
});

test("of several sessions each has the message of its own (seed restart 3, 8)", async () => {
  const bed = await answered();
  await bed.central.db.updateTable("messaging_group_agents").set({ session_mode: "per-thread" }).execute();
  await bed.running.take(fromAna("m-2", "hello", { threadId: "t-1" }));
  await until(() => expect(bed.happened("container-started")).toHaveLength(2));
  const sessions = await bed.central.db.selectFrom("sessions").select("id").orderBy("created_at").execute();
  const [one, other] = sessions.map(({ id }) => id) as [string, string];
  const payload = { ...bed.restart("news"), sessionIds: [one, other] };
  expect(await bed.running.carriers.restart(payload, "in-1")).toMatchObject({
    value: { data: { restarted: 2 } },
  });
  await until(() => expect(bed.happened("container-started")).toHaveLength(4));
  expect(bed.fake.containers.map((container) => container.hasEnded())).toEqual([true, true, false, false]);
  expect(await given(bed.agent(one))).toEqual(["news"]);
  expect(await given(bed.agent(other))).toEqual(["news", "hello"]);
});

test.for(["by this host", "by the next one, which was not there when it was deleted"])(
  "the container of a session that was deleted is ended %s",
  async (by) => {
    const bed = await answered();
    const { fake, id } = bed;
    for (const table of ["session_leases", "sessions"] as const)
      await bed.central.db.deleteFrom(table).execute();
    if (by === "by this host")
      expect(await bed.running.carriers.stop({ sessionIds: [id] }, "in-1")).toMatchObject({
        value: { data: { stopped: 1 } },
      });
    else await bed.host({ runtime: fake.anotherHost() });
    expect(fake.containers.map((one) => one.hasEnded())).toEqual([true]);
    await bed.running.take(fromAna("m-2", "anew"));
    await until(() => expect(fake.containers).toHaveLength(2));
    expect(fake.containers[1]?.spec.label.sessionId).not.toBe(id);
  },
);

test("an intent that a closing host could not carry out is left to the next one", async () => {
  const bed = await answered();
  const { central, id, running } = bed;
  // Several hosts: this one waits until another lets the session go.
  const waiting = await bed.host({
    isAlone: false,
    owner: "waiting",
    runtime: bed.fake.anotherHost("other"),
  });
  const stopped = waiting.carriers.stop({ sessionIds: [id] }, "in-1");
  const lease = central.db.selectFrom("session_leases").select("wanted_at");
  await until(async () => expect((await lease.executeTakeFirstOrThrow()).wanted_at).not.toBeNull());
  await waiting.close();
  expect(await stopped).toBeNull();
  await running.close();
  for (const carry of Object.values(running.carriers))
    expect(await carry({ sessionIds: [id], message: null }, "in-2")).toBeNull();
  expect(await bed.session()).toMatchObject({ status: "active" });
});
