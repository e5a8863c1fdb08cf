import type { Result } from "@gatehouse/std";
import type { ClaudeCli } from "./claude/find-cli.ts";

/** The cost of one run, in the measurement's unit; the error names the work that was not completed. */
export type Figure = Result<number, string>;

/** One way to do a measurement's work. `run` counts only the work itself. */
export type Contender = { readonly name: string; readonly run: () => Promise<Figure> };

export type Context = {
  readonly quick: boolean;
  /** The error is the reason, for a person, why there is no CLI. */
  readonly cli: Result<ClaudeCli, string>;
  /** After an abort no further contender is started. */
  readonly signal: AbortSignal;
};

/** Registers what is to be done at the end of a measurement, also if it fails. The last one registered runs first. */
export type OnEnd = (stop: () => Promise<void>) => void;

/** A row of the list in `measurements.ts`. */
export type Measurement = {
  readonly name: string;
  readonly title: string;
  readonly unit: "ms" | "KB";
  /** The contender to which all others are compared. */
  readonly floor: string;
  readonly rounds: { readonly full: number; readonly quick: number };
  /**
   * Returns the contenders, which run in turn within each round; each round starts with a different one. The error is the
   * reason why this machine cannot run it.
   */
  readonly prepare: (context: Context, onEnd: OnEnd) => Promise<Result<readonly Contender[], string>>;
};

/** A contender whose run cannot be left incomplete: it throws instead. */
export const contender = (name: string, measure: () => Promise<number>): Contender => ({
  name,
  run: async () => ({ ok: true, value: await measure() }),
});

/** The time of the work, ms. */
export const timeOf = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};
