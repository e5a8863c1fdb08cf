import type { Result } from "@gatehouse/std";
import type { ClaudeCli } from "./claude/find-cli.ts";

export type Unit = "ms" | "µs" | "MB/s" | "KB" | "requests/s";

/**
 * The cost or achievement of one run, in the measurement's unit; the error names the work that was not
 * completed.
 */
export type Figure = Result<number, string>;

/** One way to do a measurement's work. `run` counts only the work itself. */
export type Contender = { readonly name: string; readonly run: () => Promise<Figure> };

/** A figure computed from the others of the same round. */
export type Derived = {
  readonly name: string;
  readonly from: (figures: ReadonlyMap<string, number>) => number | undefined;
};

/**
 * The limit on the median of a contender's ratios to the floor. `figureAtMost` limits the median of its own
 * figures, for promised figures that the noise of a busy machine does not affect.
 */
export type Bound =
  { readonly atMost: number } | { readonly atLeast: number } | { readonly figureAtMost: number };

export type Context = {
  readonly quick: boolean;
  /** The error is the reason, for a person, why there is no CLI. */
  readonly cli: Result<ClaudeCli, string>;
  /** Another checkout, with its build; null if none was named. */
  readonly before: string | null;
  /** After an abort no further contender is started. */
  readonly signal: AbortSignal;
};

export type Prepared = {
  /** Run in turn within each round; each round starts with a different one. */
  readonly contenders: readonly Contender[];
  readonly derived?: readonly Derived[];
  /** One sentence for each finding of the measurement, read after the last round. */
  readonly notes?: () => readonly string[];
  readonly dispose?: () => Promise<void>;
};

/** A row of the table in `measurements.ts`. */
export type Measurement = {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  /** The contender or derived figure to which all others are compared. */
  readonly floor: string;
  readonly bounds: { readonly [contender: string]: Bound };
  readonly rounds: { readonly full: number; readonly quick: number };
  /** The error is the reason why this machine cannot run it. */
  readonly prepare: (context: Context) => Promise<Result<Prepared, string>>;
};
