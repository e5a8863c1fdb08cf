import { expect, inject, test, vi } from "vitest";
import { problemsOf } from "./run-problems.fixture.ts";
import { sessionFilesIn } from "./session-files.fixture.ts";
import { settled } from "./settled.fixture.ts";
import { openTalk, type Talk } from "./talk.fixture.ts";
import { openTown, type Town } from "./town.fixture.ts";

const [groups, people] = [4, 5];
/** Of each session. */
const restarts = 50 * inject("shareOfCases");
const options = { tags: ["slow"], timeout: 600_000 };
const total = restarts * groups * people;

test(
  `${total} restarts of ${groups * people} sessions in mid-work: each wake message is seen once, by the new container`,
  options,
  async () => {
    const town = await openTown({ groups, people });
    const talks = town.groups.flatMap((group) =>
      town.people.map((person) =>
        openTalk({
          ...{ chatSocket: town.chatSocket, group, person, mostUnanswered: 20 },
          onShown: () => {},
        }),
      ),
    );
    for (const talk of talks) talk.say("hello");
    await answered(talks, 1);
    await Promise.all(
      town.groups.map((group) =>
        restartOften(
          town,
          group,
          talks.filter((talk) => talk.group === group),
        ),
      ),
    );

    await answered(talks, 1 + 2 * restarts);
    await settled(town);
    await town.stop();
    expect(await problemsOf(town)).toEqual([]);
    const notes = sessionFilesIn(town.dataDir).flatMap(({ id, inbound, acks }) =>
      inbound
        .filter((row) => row.id.startsWith("restart-"))
        .map((row) => {
          const seenBy = acks.filter(({ message_id }) => message_id === row.id);
          return { session: id, tries: row.tries, status: row.status, meant: row.wake_incarnation, seenBy };
        }),
    );
    expect(notes).toHaveLength(total);
    const odd = notes.filter(
      ({ tries, status, meant, seenBy: [ack] }) =>
        tries > 0 || status !== "completed" || ack?.incarnation !== meant,
    );
    expect(odd).toEqual([]);
  },
);

const answered = (talks: readonly Talk[], count: number): Promise<void> =>
  vi.waitFor(() => expect(talks.filter((talk) => talk.answered() < count)).toEqual([]), {
    timeout: 120_000,
    interval: 10,
  });

/** Restarts a group while its agents work, again as soon as everybody has been told of the last restart. */
const restartOften = async (town: Town, group: string, talks: readonly Talk[]): Promise<void> => {
  for (let count = 1; count <= restarts; count += 1) {
    for (const [index, talk] of talks.entries()) {
      talk.say(`/slow ${5 * index}`);
      talk.say(`${group} says ${count}`);
    }
    const message = `restart ${count} of ${group}`;
    const frame = await town.ask("groups-restart", { id: group, message });
    expect(frame).toMatchObject({ ok: true, data: { restarted: talks.length } });
    await vi.waitFor(
      () => expect(talks.filter(({ shown }) => !shown.some(({ text }) => text === message))).toEqual([]),
      { timeout: 120_000, interval: 5 },
    );
  }
};
