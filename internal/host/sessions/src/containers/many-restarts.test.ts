// @module-tag soak
import { addRow, folderInMemory } from "@gatehouse/central-database/testing";
import type { AgentSide } from "@gatehouse/session-rows/messages";
import { openAgentSide } from "@gatehouse/session-rows";
import { expect, test } from "vitest";
import { fromAna, given, said, sessionFixture, until, type SessionFixture } from "../session.fixture.ts";

const sessions = 20;
const rounds = 50;
const names = Array.from({ length: sessions }, (_, index) => `chat${index}`);
const options = { tags: ["slow"], timeout: 900_000 };

/** A process that a signal ends, like a runner. The test itself does the runner's work. */
const program = ["/bin/sleep", "1000000"] as const;

/** The messages that a container got by its first poll. */
type FirstPoll = {
  readonly session: string;
  readonly incarnation: number;
  readonly texts: readonly unknown[];
};

const now = (): string => new Date().toISOString();

test(
  `${rounds * sessions} restarts of real processes, ${sessions} at a time: each restart message reaches the next container once, as its first message`,
  options,
  async () => {
    const fixture = await fixtureOf(names);
    const polls: FirstPoll[] = [];
    const ofDying: unknown[] = [];
    const sides = new Map<string, AgentSide>();
    const running: Promise<void>[] = [];
    const begun = async (session: string, incarnation: number): Promise<void> => {
      await sides.get(session)?.close();
      const side = openAgentSide({
        db: fixture.central.loop,
        signals: fixture.signals,
        sessionId: session,
      });
      sides.set(session, side);
      polls.push({ session, incarnation, texts: await answerAll(side) });
    };
    const host = await fixture.host({
      runner: program,
      log: (event, { session, incarnation }) => {
        const id = String(session);
        if (event === "container-started") running.push(begun(id, Number(incarnation)));
        // The note is written, and the stopping container got no signal about it.
        const dying = event === "restart" ? sides.get(id) : undefined;
        if (dying !== undefined) running.push(given(dying).then((texts) => void ofDying.push(...texts)));
      },
    });
    const allPolled = (count: number): Promise<void> =>
      until(async () => {
        await Promise.all(running.splice(0));
        expect(polls).toHaveLength(count * sessions);
      });
    for (const chat of names) await host.receive(fromAna(`${chat}-0`, "work 0", { platformId: chat }));
    await allPolled(1);
    const sessionIds = [...sides.keys()];
    for (let round = 1; round <= rounds; round += 1) {
      for (const chat of names)
        await host.receive(fromAna(`${chat}-${round}`, `work ${round}`, { platformId: chat }));
      for (const side of sides.values()) await claimAll(side);
      const payload = { sessionIds, groupId: "ag-1", message: `note ${round}`, reason: "" };
      const restarted = await host.handlers.restart(payload, `in-${round}`);
      expect(restarted).toMatchObject({ value: { data: { restarted: sessions } } });
      await allPolled(round + 1);
    }
    await host.close();
    await Promise.all([...sides.values()].map((side) => side.close()));
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

/** A fixture in which each of these chats is wired, so each has its own session. */
const fixtureOf = async (chats: readonly string[]): Promise<SessionFixture> => {
  const fixture = await sessionFixture(folderInMemory());
  for (const chat of chats) {
    await addRow(fixture.central.db, "messaging_groups", {
      id: chat,
      channel_type: "local",
      platform_id: chat,
    });
    await addRow(fixture.central.db, "messaging_group_agents", {
      id: `wi-${chat}`,
      messaging_group_id: chat,
    });
  }
  return fixture;
};

const received = async (side: AgentSide, isFirst: boolean) => {
  const messages = await side.receive({ isFirst, limit: 100, now: now() });
  return messages.ok ? messages.value : expect.fail(messages.error.message);
};

/** The first poll of a container, and its answers. Returns the texts that it got. */
const answerAll = async (side: AgentSide): Promise<readonly unknown[]> => {
  const messages = await received(side, true);
  const committed = await side.commit({
    acknowledgements: messages.map(({ id }) => ({ id, status: "completed", reason: null })),
    messages: messages.map(({ id }) => said(`re-${id}`, { inReplyTo: id })),
    now: now(),
  });
  if (!committed.ok) expect.fail(committed.error.message);
  return messages.map(({ content }) => (content as { readonly text: string }).text);
};

/** Claims the due messages and never ends them. */
const claimAll = async (side: AgentSide): Promise<void> => {
  const acknowledgements = (await received(side, false)).map(
    ({ id }) => ({ id, status: "processing", reason: null }) as const,
  );
  expect(acknowledgements).toHaveLength(1);
  const committed = await side.commit({ acknowledgements, messages: [], now: now() });
  if (!committed.ok) expect.fail(committed.error.message);
};
