// @module-tag soak
import { expect, test } from "vitest";
import { factsOf } from "./facts.fixture.ts";
import { problemsOf } from "./invariants.fixture.ts";
import { processes } from "./places.fixture.ts";
import { centralIn, openIn } from "./rows.fixture.ts";
import { openWorld, type World } from "./world.fixture.ts";

const [groups, people] = [4, 5];
/**
 * Restarts of each session. A test in internal/host/sessions does 1,000 of them, since it starts no runner for
 * each.
 */
const restarts = 5;
const total = restarts * groups * people;

test(
  `${total} restarts of ${groups * people} agents at work: each wake message is seen once, by the next container`,
  { tags: ["slow"], timeout: 900_000 },
  async () => {
    const place = await processes.make({ hosts: 1, database: null });
    const world = await openWorld({ groups, people: { local: people } }, place, null);
    const answered = (count: number): Promise<void> =>
      world.until(() => world.talks.every((talk) => talk.answered() >= count));
    for (const talk of world.talks) talk.say("hello");
    await answered(1);
    await Promise.all(world.groups.map((group) => restartOften(world, group)));
    await answered(1 + 2 * restarts);
    await world.until(async () => openIn(await centralIn(world)).length === 0);
    await world.stop();
    const facts = await factsOf(world);
    expect(problemsOf(facts)).toEqual([]);
    const notes = facts.boxes.flatMap(({ id: session, inbound }) =>
      inbound
        .filter(({ id }) => id.startsWith("restart-"))
        .map(({ tries, status, ended_by: seenBy, wake_incarnation: next }) => ({
          session,
          tries,
          status,
          isNext: seenBy === next,
        })),
    );
    expect(notes).toHaveLength(total);
    expect(
      notes.filter(({ tries, status, isNext }) => tries > 0 || status !== "completed" || !isNext),
    ).toEqual([]);
  },
);

/** Restarts a group while its agents work. Each next restart waits until all its chats show the last one's message. */
const restartOften = async ({ talks: all, ask, until }: World, group: string): Promise<void> => {
  const talks = all.filter((talk) => talk.group === group);
  for (let count = 1; count <= restarts; count += 1) {
    for (const [index, talk] of talks.entries()) {
      talk.say(`/slow ${5 * index}`);
      talk.say(`${group} says ${count}`);
    }
    const message = `restart ${count} of ${group}`;
    // On a busy machine the answer is `accepted`, and the restart follows later.
    expect(await ask("groups-restart", { id: group, message })).toMatchObject({ ok: true });
    await until(() => talks.every((talk) => talk.shown().includes(message)));
  }
};
