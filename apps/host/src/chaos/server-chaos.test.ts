// @module-tag soak
import process from "node:process";
import { expect, inject, test } from "vitest";
import { chooseAddress } from "@gatehouse/postgres";
import { noOwnServer, ownServer } from "@gatehouse/postgres/testing";
import { killServerOften, type SeenKills } from "./kill-server.fixture.ts";
import { chancesFrom } from "./random.fixture.ts";

/** GATEHOUSE_POINTS is the number of kills, GATEHOUSE_SEED chooses their moments. */
const numberIn = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const points = numberIn("GATEHOUSE_POINTS", 20);
const seed = numberIn("GATEHOUSE_SEED", Date.now() % 1_000_000);

/** Kills per database. The checks read all rows that were ever saved, so a new database keeps them short. */
const killsOfDatabase = 25;

test.skipIf(noOwnServer !== null)(
  `kill -9 of a PostgreSQL server (${noOwnServer ?? "one of our own"}) at ${points} random points while four clients write (GATEHOUSE_SEED=${seed}): loses no acknowledged change, runs no approval twice, and makes no refused change`,
  { tags: ["slow"], timeout: 60_000 + points * 10_000 },
  async () => {
    const [server, chances] = [ownServer(), chancesFrom(seed)];
    const seen: SeenKills = { refused: 0, approved: 0 };
    for (let left = points; left > 0; left -= killsOfDatabase) {
      const kills = Math.min(left, killsOfDatabase);
      const address = chooseAddress({}, server.newDatabase(`left${left}`));
      if (!address.ok || address.value === null) expect.fail("The server's own address is refused.");
      await killServerOften(inject("programs")["host-child"], {
        server,
        database: address.value,
        kills,
        seed,
        chances,
        seen,
      });
    }
    // With fewer, too many kills happened while no command ran.
    expect(seen.refused).toBeGreaterThan(points / 4);
    expect(seen.approved).toBeGreaterThan(points / 4);
  },
);
