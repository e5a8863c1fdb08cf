import process from "node:process";
import { expect, inject, type TestOptions } from "vitest";
import type { PostgresAddress } from "@gatehouse/postgres";
import { killOften, type Seen } from "./kill-often.fixture.ts";
import { chancesFrom } from "./random.fixture.ts";

/** GATEHOUSE_POINTS is the number of kills, GATEHOUSE_SEED chooses their moments. */
const numberIn = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const seed = numberIn("GATEHOUSE_SEED", Date.now() % 1_000_000);

/**
 * Kills per data folder. The checks read everything in the folder, and a history keeps only 200 generations, which
 * about 20 kills make.
 */
const killsOfFolder = 10;

export type KillTest = {
  readonly what: string;
  readonly options: TestOptions;
  /** `newDatabase` returns the database of a new data folder. */
  readonly run: (newDatabase: () => Promise<PostgresAddress | null>) => Promise<void>;
};

/** The test that kills a host at `all` points in a full run. */
export const killTest = (all: number): KillTest => {
  const points = numberIn("GATEHOUSE_POINTS", all);
  return {
    what: `kill -9 at ${points} random points while four clients write (GATEHOUSE_SEED=${seed}): nothing half done, lost or done twice`,
    options: { tags: ["slow"], timeout: 60_000 + points * 10_000 },
    run: async (newDatabase) => {
      const program = inject("programs")["host-child"];
      const seen: Seen = { stale: 0, waiting: 0, approved: 0 };
      const chances = chancesFrom(seed);
      for (let left = points; left > 0; left -= killsOfFolder) {
        const kills = Math.min(left, killsOfFolder);
        await killOften(program, { database: await newDatabase(), kills, seed, chances, seen });
      }
      // With fewer, too many kills happened while no command ran.
      expect(seen.stale).toBeGreaterThan(points / 2);
      // Among ten kills, often none happens while an approval is pending.
      if (points >= 50) expect(seen.waiting).toBeGreaterThan(0);
      expect(seen.approved).toBeGreaterThan(points / 4);
    },
  };
};
