import fc from "fast-check";
import process from "node:process";

const given = Number(process.env["GATEHOUSE_SEED"]);

/** The seed of all random choices in this run: `GATEHOUSE_SEED`, else a new one each time. */
export const runSeed: number = Number.isInteger(given) && given !== 0 ? given : Date.now() % 2 ** 31;

/** Returns a function that gives the next random number, at least 0 and below 1. Equal seeds give equal numbers. */
export const randomNumbers = (): (() => number) => {
  const number = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const numbers = fc.sample(number, { seed: runSeed, numRuns: 5_000 });
  let used = 0;
  return () => numbers[used++ % numbers.length] ?? 0;
};

/** Adds the seed that repeats them to problems. */
export const withSeed = (problems: readonly string[]): readonly string[] =>
  problems.map((problem) => `${problem} (GATEHOUSE_SEED=${runSeed})`);
