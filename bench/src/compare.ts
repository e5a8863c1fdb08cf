import type { Bound, Measurement } from "./measurement.ts";
import type { Round } from "./run-rounds.ts";
import { spreadOf, type Spread } from "./statistics.ts";

/** How one contender did. Figures are in the measurement's unit; null where a round's work was left undone. */
export type Row = {
  readonly contender: string;
  readonly figures: readonly (number | null)[];
  readonly absolute: Spread | null;
  /** Over the floor's figure of the same round; null for the floor itself. */
  readonly ratio: Spread | null;
  readonly bound: Bound | null;
  /** Null where there is no bound. */
  readonly holds: boolean | null;
  /** Why work was left undone, each reason once. */
  readonly undone: readonly string[];
};

const isWithin = (ratio: number, bound: Bound): boolean =>
  "atMost" in bound ? ratio <= bound.atMost : ratio >= bound.atLeast;

const figureIn = (round: Round, name: string): number | null => {
  const figure = round.get(name);
  return figure?.ok ? figure.value : null;
};

/** Only ratios can fail, and a contender that has a bound may leave no work undone. */
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
    const bound = bounds[contender] ?? null;
    return {
      contender,
      figures,
      absolute: spreadOf(figures.filter((figure) => figure !== null)),
      ratio,
      bound,
      holds: bound === null ? null : ratio !== null && undone.length === 0 && isWithin(ratio.median, bound),
      undone: [...new Set(undone)],
    };
  });
