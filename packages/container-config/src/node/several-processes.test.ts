// @module-tag soak
import { sql } from "kysely";
import { expect, test } from "vitest";
import { containerConfigStore } from "./config-store.ts";
import { makeDatabase } from "./store.fixture.ts";
import { expectWhole, startWriter, type Writer } from "./writers.fixture.ts";

const groups = ["ag-1", "ag-2"];
const makeGroups = async () => {
  const database = await makeDatabase(groups);
  const store = containerConfigStore(database.sqlite.db, { now: () => new Date().toISOString() });
  for (const group of groups) await store.create(group);
  return database;
};

test(
  "four processes update one file at once without lost updates, gaps or busy errors",
  { tags: ["slow"] },
  async () => {
    const { file, sqlite, remove } = await makeGroups();
    const updates = 250;
    const writers = ["w1", "w2", "w3", "w4"].map((name) => startWriter(file, name, groups));
    for (const { write, finish } of writers) {
      write(updates);
      finish();
    }
    const ends = await Promise.all(writers.map((writer) => writer.ended));
    expect(ends).toEqual(ends.map(() => ({ code: 0, stderr: "" })));
    await expectWhole(sqlite.db, groups, writers);
    const rows = await sqlite.db.selectFrom("container_configs").select(["generation"]).execute();
    expect(rows.map(({ generation }) => generation)).toEqual(
      groups.map(() => 1 + (4 * updates) / groups.length),
    );
    await remove();
  },
);

test(
  "the database has every committed update after kill -9 at random points of four writers",
  { tags: ["slow"] },
  async () => {
    const { file, sqlite, remove } = await makeGroups();
    const seed = Number(process.env["GATEHOUSE_SEED"] ?? Date.now() % 2 ** 31);
    console.log(`kill -9 at points of seed ${seed} (GATEHOUSE_SEED)`);
    const random = randomFrom(seed);
    const burst = 25;
    const all: Writer[] = [];
    const start = (): Writer => {
      const writer = startWriter(file, `w${all.length + 1}`, groups);
      all.push(writer);
      return writer;
    };
    const running = [start(), start(), start(), start()];
    for (let kills = 0; kills < 40; kills += 1) {
      for (const { write } of running) write(burst);
      const index = Math.floor(random() * running.length);
      const writer = running[index]!;
      await writer.moreReports(1 + Math.floor(random() * (burst - 1)));
      spin(random() * 3);
      writer.kill();
      expect(await writer.ended).toEqual({ code: null, stderr: "" });
      running[index] = start();
      expect((await sql`pragma integrity_check`.execute(sqlite.db)).rows).toEqual([
        { integrity_check: "ok" },
      ]);
      // One transaction, to read all groups and tables at the same moment.
      await sqlite.db.transaction().execute((transaction) => expectWhole(transaction, groups, []));
    }
    for (const { finish } of running) finish();
    await Promise.all(running.map(({ ended }) => ended));
    await expectWhole(sqlite.db, groups, all);
    await remove();
  },
);

/** Random numbers from 0 up to 1, the same sequence for the same seed (mulberry32). */
const randomFrom = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** Waits some ms, too short for a timer, so that the kill comes at any point of an update. */
const spin = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};
