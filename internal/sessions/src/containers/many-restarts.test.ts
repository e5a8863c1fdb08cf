// @module-tag soak
import { addRow, folderInMemory } from "@gatehouse/control-plane/testing";
import type { AgentEnd } from "@nc/session-db";
import { openAgentSide } from "@nc/session-db/node";
import { expect, test } from "vitest";
import { fromAna, given, said, sessionBed, until, type SessionBed } from "../session-bed.fixture.ts";

const sessions = 20;
const rounds = 50;
const names = Array.from({ length: sessions }, (_, index) => `chat${index}`);
const options = { tags: ["slow"], timeout: 900_000 };

/** A process that a signal ends, as it does a runner. What a runner does is done here, in the test. */
const program = ["/bin/sleep", "1000000"] as const;

/** What one container was given by its first poll. */
type FirstPoll = {
  readonly session: string;
  readonly incarnation: number;
  readonly texts: readonly unknown[];
};

const now = (): string => new Date().toISOString();

test(
  `${rounds * sessions} restarts of real processes, ${sessions} at a time with work in hand: each wake message is seen once, by the next container, and first`,
  options,
  async () => {
    const bed = await bedOf(names);
    const polls: FirstPoll[] = [];
    const ofDying: unknown[] = [];
    const ends = new Map<string, AgentEnd>();
    const running: Promise<void>[] = [];
    const begun = async (session: string, incarnation: number): Promise<void> => {
      await ends.get(session)?.close();
      const end = openAgentSide({ db: bed.central.rows, signals: bed.signals, sessionId: session });
      ends.set(session, end);
      polls.push({ session, incarnation, texts: await answerAll(end) });
    };
    const host = await bed.host({
      runner: program,
      log: (event, { session, incarnation }) => {
        const id = String(session);
        if (event === "container-started") running.push(begun(id, Number(incarnation)));
        // The note is there, and the container that ends was not told to.
        const dying = event === "restart" ? ends.get(id) : undefined;
        if (dying !== undefined) running.push(given(dying).then((texts) => void ofDying.push(...texts)));
      },
    });
    const everybodyPolled = (count: number): Promise<void> =>
      until(async () => {
        await Promise.all(running.splice(0));
        expect(polls).toHaveLength(count * sessions);
      });
    for (const chat of names) await host.take(fromAna(`${chat}-0`, "work 0", { platformId: chat }));
    await everybodyPolled(1);
    const sessionIds = [...ends.keys()];
    for (let round = 1; round <= rounds; round += 1) {
      for (const chat of names)
        await host.take(fromAna(`${chat}-${round}`, `work ${round}`, { platformId: chat }));
      for (const end of ends.values()) await claimAll(end);
      const payload = { sessionIds, groupId: "ag-1", message: `note ${round}`, reason: "" };
      const restarted = await host.carriers.restart(payload, `in-${round}`);
      expect(restarted).toMatchObject({ value: { data: { restarted: sessions } } });
      await everybodyPolled(round + 1);
    }
    await host.close();
    await Promise.all([...ends.values()].map((end) => end.close()));
    expect(ofDying).toEqual([]);
    const odd = polls.filter(({ incarnation, texts }) => {
      const round = incarnation - 1;
      const expected = round === 0 ? ["work 0"] : [`note ${round}`, `work ${round}`];
      return JSON.stringify(texts) !== JSON.stringify(expected);
    });
    expect(odd).toEqual([]);
    expect(new Set(polls.map(({ session, incarnation }) => `${session} ${incarnation}`)).size).toBe(
      polls.length,
    );
  },
);

/** A bed where each of these chats is wired, so it has a session of its own. */
const bedOf = async (chats: readonly string[]): Promise<SessionBed> => {
  const bed = await sessionBed(folderInMemory());
  for (const chat of chats) {
    await addRow(bed.central.db, "messaging_groups", { id: chat, channel_type: "local", platform_id: chat });
    await addRow(bed.central.db, "messaging_group_agents", { id: `wi-${chat}`, messaging_group_id: chat });
  }
  return bed;
};

const received = async (end: AgentEnd, isFirst: boolean) => {
  const messages = await end.receive({ isFirst, limit: 100, now: now() });
  return messages.ok ? messages.value : expect.fail(messages.error.message);
};

/** The first poll of a container, and its answers. Gives the texts that it was given. */
const answerAll = async (end: AgentEnd): Promise<readonly unknown[]> => {
  const messages = await received(end, true);
  const committed = await end.commit({
    acknowledgements: messages.map(({ id }) => ({ id, status: "completed", reason: null })),
    messages: messages.map(({ id }) => said(`re-${id}`, { inReplyTo: id })),
    now: now(),
  });
  if (!committed.ok) expect.fail(committed.error.message);
  return messages.map(({ content }) => (content as { readonly text: string }).text);
};

/** Begins with what is due, and never ends it. */
const claimAll = async (end: AgentEnd): Promise<void> => {
  const acknowledgements = (await received(end, false)).map(
    ({ id }) => ({ id, status: "processing", reason: null }) as const,
  );
  expect(acknowledgements).toHaveLength(1);
  const committed = await end.commit({ acknowledgements, messages: [], now: now() });
  if (!committed.ok) expect.fail(committed.error.message);
};
