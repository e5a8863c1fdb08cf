import process from "node:process";

const numberIn = (name: string): number | null => {
  const text = process.env[name];
  return text === undefined ? null : Number(text);
};

/** GATEHOUSE_SEED chooses all that happens, and GATEHOUSE_POINTS how often. */
export const seed: number = numberIn("GATEHOUSE_SEED") ?? Date.now() % 1_000_000;
export const points: number | null = numberIn("GATEHOUSE_POINTS");

/** Random choices that repeat for the same seed. */
export type Chances = {
  /** A whole number from 0 to `end` - 1. */
  readonly below: (end: number) => number;
  readonly pick: <T>(list: readonly [T, ...T[]]) => T;
};

/** Makes them by mulberry32: 32 bits of state are enough for tests of this size. */
export const chancesFrom = (seed: number): Chances => {
  let state = seed >>> 0;
  const below = (end: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  };
  return { below, pick: (list) => list[below(list.length)] ?? list[0] };
};
