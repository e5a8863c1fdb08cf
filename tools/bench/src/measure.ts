import type { Contender, Context, Figure, Measurement } from "./measurement.ts";

export type Spread = { readonly median: number; readonly min: number; readonly max: number };

/** The result of one contender. Spreads are null without figures. */
export type Row = {
  readonly contender: string;
  /** In the measurement's unit; null if a round's work was not completed. */
  readonly figures: readonly (number | null)[];
  readonly absolute: Spread | null;
  /** Divided by the floor's figure of the same round; null for the floor itself. */
  readonly ratio: Spread | null;
  /** Why work was not completed, each reason once. */
  readonly undone: readonly string[];
};

/** The result of one measurement. */
export type Measured = Pick<Measurement, "name" | "title" | "unit" | "floor"> & {
  /** Why there are no rows: this machine cannot run the measurement, or it threw an error. */
  readonly skipped?: string;
  readonly failed?: string;
  readonly rows: readonly Row[];
};

/** Runs one measurement. If it throws, it has failed; later measurements still run. */
export const measure = async (
  { name, title, unit, floor, rounds, prepare }: Measurement,
  context: Context,
  onRun: (contender: string) => void = () => {},
): Promise<Measured> => {
  const frame = { name, title, unit, floor };
  const ends: (() => Promise<void>)[] = [];
  const run = async (): Promise<Measured> => {
    const prepared = await prepare(context, (stop) => ends.push(stop));
    if (!prepared.ok) return { ...frame, skipped: prepared.error, rows: [] };
    const count = context.quick ? rounds.quick : rounds.full;
    const done = await runRounds(prepared.value, count, context.signal, onRun);
    return { ...frame, rows: prepared.value.map((each) => rowOf(each.name, floor, done)) };
  };
  try {
    return await run().finally(async () => {
      for (const stop of ends.toReversed()) await stop();
    });
  } catch (error) {
    return { ...frame, failed: error instanceof Error ? error.message : String(error), rows: [] };
  }
};

/** The figures of one pass over all contenders. They are close in time, so a busy machine slows all alike. */
type Round = ReadonlyMap<string, Figure>;

/** One round before the counted ones is discarded, since it includes loading and compiling. */
const runRounds = async (
  contenders: readonly Contender[],
  count: number,
  signal: AbortSignal,
  onRun: (contender: string) => void,
): Promise<readonly Round[]> => {
  const rounds: Round[] = [];
  for (let index = 0; index <= count; index += 1) {
    const round = new Map<string, Figure>();
    const first = index % contenders.length;
    for (const { name, run } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      if (signal.aborted) return rounds.slice(1);
      onRun(name);
      round.set(name, await run());
    }
    rounds.push(round);
  }
  return rounds.slice(1);
};

const rowOf = (name: string, floor: string, rounds: readonly Round[]): Row => {
  const figureIn = (round: Round, of: string): number | null => {
    const figure = round.get(of);
    return figure?.ok ? figure.value : null;
  };
  const figures = rounds.map((round) => figureIn(round, name));
  const ratios = rounds.flatMap((round) => {
    const [own, base] = [figureIn(round, name), figureIn(round, floor)];
    return own === null || base === null ? [] : [own / base];
  });
  const undone = rounds.flatMap((round) => {
    const figure = round.get(name);
    return figure === undefined || figure.ok ? [] : [figure.error];
  });
  return {
    contender: name,
    figures,
    absolute: spreadOf(figures.filter((figure) => figure !== null)),
    ratio: name === floor ? null : spreadOf(ratios),
    undone: [...new Set(undone)],
  };
};

const spreadOf = (values: readonly number[]): Spread | null => {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) return null;
  return { median: (low + high) / 2, min: Math.min(...values), max: Math.max(...values) };
};
