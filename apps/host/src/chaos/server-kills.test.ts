// @module-tag soak
import { chooseAddress } from "@gatehouse/postgres";
import { noOwnServer, ownServer } from "@gatehouse/postgres/testing";
import { expect, test } from "vitest";
import { killServer, nothingSeen } from "./commands.fixture.ts";
import { chancesFrom, points, seed } from "./random.fixture.ts";

const kills = points ?? 20;

/** Kills per database. The checks read all rows that were ever saved, so a new database keeps them short. */
const killsOfDatabase = 25;

test.skipIf(noOwnServer !== null)(
  `kill -9 of a PostgreSQL server (${noOwnServer ?? "one of our own"}) at ${kills} random points while four clients write (GATEHOUSE_SEED=${seed}): loses no acknowledged change, runs no approval twice, and makes no refused change`,
  { tags: ["slow"], timeout: 60_000 + kills * 10_000 },
  async () => {
    const [server, chances, seen] = [ownServer(), chancesFrom(seed), nothingSeen()];
    for (let left = kills; left > 0; left -= killsOfDatabase) {
      const address = chooseAddress({}, server.newDatabase(`left${left}`));
      if (!address.ok || address.value === null) expect.fail("The server's own address is refused.");
      const killed = Math.min(left, killsOfDatabase);
      await killServer({ database: address.value, kills: killed, chances, seen, server });
    }
    // With fewer, too many kills happened while no command ran.
    expect(seen.refused).toBeGreaterThan(kills / 4);
    expect(seen.approved).toBeGreaterThan(kills / 4);
  },
);
