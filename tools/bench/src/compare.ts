import type { Bound, Measurement } from "./measurement.ts";
import type { Round } from "./run-rounds.ts";
import { spreadOf, type Spread } from "./statistics.ts";

/**
 * The result of one contender. Figures are in the measurement's unit; null if a round's work was not
 * completed.
 */
export type Row = {
  readonly contender: string;
  readonly figures: readonly (number | null)[];
  readonly absolute: Spread | null;
  /** Divided by the floor's figure of the same round; null for the floor itself. */
  readonly ratio: Spread | null;
  readonly bound: Bound | null;
  /** Null if there is no bound. */
  readonly holds: boolean | null;
  /** Why work was not completed, each reason once. */
  readonly undone: readonly string[];
};

type Spreads = Pick<Row, "absolute" | "ratio">;

const isWithin = ({ absolute, ratio }: Spreads, bound: Bound): boolean => {
  if ("figureAtMost" in bound) return absolute !== null && absolute.median <= bound.figureAtMost;
  if (ratio === null) return false;
  return "atMost" in bound ? ratio.median <= bound.atMost : ratio.median >= bound.atLeast;
};

const figureIn = (round: Round, name: string): number | null => {
  const figure = round.get(name);
  return figure?.ok ? figure.value : null;
};

/** A contender with a bound must complete all work. */
export const compare = (
  { floor, bounds }: Pick<Measurement, "floor" | "bounds">,
  names: readonly string[],
  rounds: readonly Round[],
): readonly Row[] =>
  names.map((contender) => {
    const figures = rounds.map((round) => figureIn(round, contender));
    const ratios = rounds.flatMap((round) => {
      const [own, base] = [figureIn(round, contender), figureIn(round, floor)];
      return own === null || base === null ? [] : [own / base];
    });
    const undone = rounds.flatMap((round) => {
      const figure = round.get(contender);
      return figure === undefined || figure.ok ? [] : [figure.error];
    });
    const ratio = contender === floor ? null : spreadOf(ratios);
    const absolute = spreadOf(figures.filter((figure) => figure !== null));
    const bound = bounds[contender] ?? null;
    return {
      contender,
      figures,
      absolute,
      ratio,
      bound,
      holds: bound === null ? null : undone.length === 0 && isWithin({ absolute, ratio }, bound),
      undone: [...new Set(undone)],
    };
  });
