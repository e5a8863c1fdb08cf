import type { Contender, Derived, Figure, Prepared } from "./measurement.ts";

/** The names in display order: as prepared, for any order of the rounds. */
export const namesIn = ({ contenders, derived = [] }: Prepared): readonly string[] =>
  [...contenders, ...derived].map(({ name }) => name);

/**
 * One pass over all contenders, close together in time, which makes their figures comparable on a busy
 * machine.
 */
export type Round = ReadonlyMap<string, Figure>;

const rotated = <T>(list: readonly T[], by: number): readonly T[] => {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
};

const known = (round: Round): ReadonlyMap<string, number> =>
  new Map([...round].flatMap(([name, figure]) => (figure.ok ? [[name, figure.value]] : [])));

const derive = ({ from }: Derived, round: Round): Figure => {
  const value = from(known(round));
  return value === undefined
    ? { ok: false, error: "a figure it is worked out from is missing" }
    : { ok: true, value };
};

type Watch = { readonly signal?: AbortSignal; readonly onRun?: (contender: string) => void };

const runRound = async (
  contenders: readonly Contender[],
  derived: readonly Derived[],
  { signal, onRun }: Watch,
): Promise<Round> => {
  const round = new Map<string, Figure>();
  for (const { name, run } of contenders) {
    if (signal?.aborted) break;
    onRun?.(name);
    round.set(name, await run());
  }
  for (const figure of derived) round.set(figure.name, derive(figure, round));
  return round;
};

/**
 * Runs all contenders `count` times, interleaved. One round before them is discarded, since it includes
 * loading and compiling.
 */
export const runRounds = async (
  { contenders, derived = [] }: Prepared,
  count: number,
  watch: Watch = {},
): Promise<readonly Round[]> => {
  const rounds: Round[] = [];
  for (let index = 0; index <= count; index += 1)
    rounds.push(await runRound(rotated(contenders, index), derived, watch));
  return rounds.slice(1);
};
