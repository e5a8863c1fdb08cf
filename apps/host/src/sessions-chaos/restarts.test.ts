// @module-tag soak
import { expect, test } from "vitest";
import { problemsOf } from "./run-problems.fixture.ts";
import { sessionRowsIn } from "./session-rows.fixture.ts";
import { settled } from "./settled.fixture.ts";
import { openTalks, type Talk, type Talks } from "./talk.fixture.ts";
import { openTown, type Town } from "./town.fixture.ts";

const [groups, people] = [4, 5];
/**
 * Restarts of each session. A test in internal/host/sessions does 1,000 of them, since it starts no runner for
 * each.
 */
const restarts = 5;
const total = restarts * groups * people;
const options = { tags: ["slow"], timeout: 900_000 };

test(
  `${total} restarts of ${groups * people} agents at work: each wake message is seen once, by the next container`,
  options,
  async () => {
    const town = await openTown({ groups, people });
    const talks = openTalks(town, () => {});
    const answered = (count: number): Promise<void> =>
      talks.until(() => talks.all.every((talk) => talk.answered() >= count));
    for (const talk of talks.all) talk.say("hello");
    await answered(1);
    await Promise.all(town.groups.map((group) => restartOften(town, talks, group)));
    await answered(1 + 2 * restarts);
    await settled(town);
    await town.stop();
    expect(await problemsOf(town)).toEqual([]);
    const notes = (await sessionRowsIn(town)).flatMap(({ id: session, inbound }) =>
      inbound
        .filter(({ id }) => id.startsWith("restart-"))
        .map(({ tries, status, ended_by: seenBy, wake_incarnation: meant }) => ({
          session,
          tries,
          status,
          isMeant: seenBy === meant,
        })),
    );
    expect(notes).toHaveLength(total);
    const odd = notes.filter(({ tries, status, isMeant }) => tries > 0 || status !== "completed" || !isMeant);
    expect(odd).toEqual([]);
  },
);

/** Restarts a group while its agents work. Each next restart waits until all its chats show the last one's message. */
const restartOften = async (town: Town, { all, until }: Talks, group: string): Promise<void> => {
  const talks = all.filter((talk) => talk.group === group);
  const wasShown = (text: string) => (talk: Talk) => talk.shown.some((message) => message.text === text);
  for (let count = 1; count <= restarts; count += 1) {
    for (const [index, talk] of talks.entries()) {
      talk.say(`/slow ${5 * index}`);
      talk.say(`${group} says ${count}`);
    }
    const message = `restart ${count} of ${group}`;
    const frame = await town.ask("groups-restart", { id: group, message });
    // On a busy machine the answer is `accepted`, and the restart follows later.
    expect(frame).toMatchObject({ ok: true });
    await until(() => talks.every(wasShown(message)));
  }
};
