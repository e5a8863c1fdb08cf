import { appendIn } from "@gatehouse/session-rows";
import { hostText, type AgentSide } from "@gatehouse/session-rows/messages";
import { fakeRuntime, type FakeRuntimeOptions } from "@nc/container-runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { aboutSessions, fromAna, given, install, said, sessionFixture, until } from "../session.fixture.ts";

const acknowledge = async (
  agent: AgentSide,
  id: string,
  status: "processing" | "completed",
): Promise<void> => {
  const acknowledgements = [{ id, status, reason: null }];
  const messages = status === "completed" ? [said(`re-${id}`)] : [];
  const now = new Date().toISOString();
  expect(await agent.commit({ acknowledgements, messages, now })).toMatchObject({ ok: true });
};

/** A session with a running container that has answered its message. */
const answered = async (options: FakeRuntimeOptions = {}) => {
  const fixture = await sessionFixture();
  const fake = fakeRuntime({ install, ...options });
  // The host releases no session that another host asks for.
  const times = { leaseMs: 600_000, askedMs: 600_000 };
  const running = await fixture.host({ runtime: fake.runtime, times });
  await running.receive(fromAna("m-1", "hello"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(1));
  const { id } = await fixture.session();
  await acknowledge(fixture.agent(id), "m-1", "completed");
  await until(() => expect(fixture.texts()).toEqual(["re-m-1"]));
  const restart = (message: string | null) => ({ ...aboutSessions(id), message });
  const addNote = (note: string): Promise<unknown> => {
    const message = hostText({ id: note, timestamp: new Date().toISOString(), text: note, trigger: true });
    return fixture.central.db
      .transaction()
      .execute((transaction) => appendIn(transaction, { sessionId: id, owner: "" }, [message]));
  };
  return { ...fixture, fake, running, id, restart, addNote };
};

test("a host that stops between a container's exit and the next start leaves both to the next host, which gives the message once", async () => {
  let open = (): void => {};
  const gate = new Promise<null>((resolve) => (open = () => resolve(null)));
  const spawning: number[] = [];
  const fixture = await answered({
    beforeSpawn: ({ label: { incarnation, token } }) => {
      spawning.push(incarnation);
      return incarnation === 2 && token === 1 ? gate : null;
    },
  });
  onTestFinished(open);
  const { fake, running, id } = fixture;
  // The first host stops here: the old container has exited, and no new one runs.
  const stopped = running.handlers.restart(fixture.restart("news"), "in-1");
  await until(() => expect(spawning).toEqual([1, 2]));
  expect(fake.containers.map((one) => one.hasEnded())).toEqual([true]);
  const next = await fixture.host({ runtime: fake.anotherHost() });
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  expect(await given(fixture.agent(id))).toEqual(["news"]);
  await acknowledge(fixture.agent(id), `restart-in-1-${id}`, "completed");
  await until(() => expect(fixture.texts()).toEqual(["re-m-1", `re-restart-in-1-${id}`]));
  // The intent has no outcome yet, so it is carried out again.
  await next.handlers.restart(fixture.restart("news"), "in-1");
  expect(await given(fixture.agent(id))).toEqual([]);
  open();
  await stopped;
  await until(() => expect(fake.containers.map((one) => one.hasEnded())).toEqual([true, true, true]));
});

test("the note of an approved restart reaches the next container, even if the stopping container had taken it", async () => {
  const fixture = await answered();
  await fixture.addNote("sm-1");
  await fixture.running.followApprovals();
  await acknowledge(fixture.agent(fixture.id), "sm-1", "processing");
  await fixture.running.handlers.restart(fixture.restart(null), "in-1");
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  expect(await given(fixture.agent(fixture.id))).toEqual(["sm-1"]);
});

test("a note that is written after a container's exit starts the next container at once", async () => {
  const fixture = await answered();
  await fixture.running.handlers.restart(fixture.restart(null), "in-1");
  expect(fixture.fake.containers.map((one) => one.hasEnded())).toEqual([true]);
  await fixture.addNote("sm-1");
  await fixture.running.followApprovals();
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  expect(await given(fixture.agent(fixture.id))).toEqual(["sm-1"]);
});

test("a session that is deleted while its container stops is not restarted", async () => {
  const fixture = await answered({ onKill: () => undefined });
  const { fake, id } = fixture;
  const restarted = fixture.running.handlers.restart(fixture.restart("news"), "in-1");
  await until(() => expect(fake.containers[0]?.kills).toHaveLength(1));
  expect(await given(fixture.agent(id))).toEqual([]);
  for (const table of ["leases", "sessions"] as const) await fixture.central.db.deleteFrom(table).execute();
  fake.containers[0]?.end();
  await restarted;
  await until(() => expect(fixture.happened("container-ended")).toHaveLength(1));
  expect(fake.containers).toHaveLength(1);
});

test("a restart message for a session without a container waits for the next start, and starts no container", async () => {
  const fixture = await answered();
  const { fake, running, id } = fixture;
  fake.containers[0]?.end();
  await until(() => expect(fixture.happened("container-ended")).toHaveLength(1));
  const payload = { ...fixture.restart("news"), sessionIds: [], keptFor: [id] };
  const kept = {
    ok: true,
    value: { data: { restarted: 0, rebuilt: false, kept: 1 }, warnings: [] },
  };
  expect(await running.handlers.restart(payload, "in-1")).toEqual(kept);
  // If a host dies before the outcome is written, the next one carries the intent out again.
  expect(await running.handlers.restart(payload, "in-1")).toEqual(kept);
  expect(fake.containers).toHaveLength(1);
  await running.receive(fromAna("m-2", "hello again"));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  expect(await given(fixture.agent(id))).toEqual(["news", "hello again"]);
});

test("a restart message for a group without sessions reaches no agent, and the answer says so", async () => {
  const fixture = await answered();
  const payload = { ...fixture.restart("news"), sessionIds: [] };
  expect(await fixture.running.handlers.restart(payload, "in-1")).toMatchObject({
    value: { data: { restarted: 0, kept: 0 }, warnings: [expect.stringContaining("no conversation yet")] },
  });
});

test("a restart of several sessions gives the message to each session", async () => {
  const fixture = await answered();
  await fixture.central.db
    .updateTable("messaging_group_agents")
    .set({ session_mode: "per-thread" })
    .execute();
  await fixture.running.receive(fromAna("m-2", "hello", { threadId: "t-1" }));
  await until(() => expect(fixture.happened("container-started")).toHaveLength(2));
  const sessions = await fixture.central.db
    .selectFrom("sessions")
    .select("id")
    .orderBy("created_at")
    .execute();
  const [one, other] = sessions.map(({ id }) => id) as [string, string];
  const payload = { ...fixture.restart("news"), sessionIds: [one, other] };
  expect(await fixture.running.handlers.restart(payload, "in-1")).toMatchObject({
    value: { data: { restarted: 2 } },
  });
  await until(() => expect(fixture.happened("container-started")).toHaveLength(4));
  expect(fixture.fake.containers.map((container) => container.hasEnded())).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(await given(fixture.agent(one))).toEqual(["news"]);
  expect(await given(fixture.agent(other))).toEqual(["news", "hello"]);
});

test.for(["by this host", "by the next one, which was not there when it was deleted"])(
  "the container of a deleted session is killed %s",
  async (by) => {
    const fixture = await answered();
    const { fake, id } = fixture;
    for (const table of ["leases", "sessions"] as const) await fixture.central.db.deleteFrom(table).execute();
    if (by === "by this host")
      expect(await fixture.running.handlers.stop(aboutSessions(id), "in-1")).toMatchObject({
        value: { data: { stopped: 1 } },
      });
    else await fixture.host({ runtime: fake.anotherHost() });
    expect(fake.containers.map((one) => one.hasEnded())).toEqual([true]);
    await fixture.running.receive(fromAna("m-2", "anew"));
    await until(() => expect(fake.containers).toHaveLength(2));
    expect(fake.containers[1]?.spec.label.sessionId).not.toBe(id);
  },
);

test("an intent that a closing host could not carry out is left to the next host", async () => {
  const fixture = await answered();
  const { central, id, running } = fixture;
  // One of several hosts: it waits until another host releases the session.
  const waiting = await fixture.host({
    isAlone: false,
    owner: "waiting",
    runtime: fixture.fake.anotherHost("other"),
  });
  const stopped = waiting.handlers.stop(aboutSessions(id), "in-1");
  const lease = central.db.selectFrom("leases").select("wanted_at");
  await until(async () => expect((await lease.executeTakeFirstOrThrow()).wanted_at).not.toBeNull());
  await waiting.close();
  expect(await stopped).toBeNull();
  await running.close();
  const install = { packages: { apt: [], npm: [] }, actor: "agent", why: null };
  for (const carryOut of Object.values(running.handlers))
    expect(await carryOut({ ...aboutSessions(id), ...install }, "in-2")).toBeNull();
  expect(await fixture.session()).toMatchObject({ status: "active" });
});
