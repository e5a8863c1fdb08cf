import type { Result } from "@gatehouse/std";
import type { ClaudeCli } from "./claude/find-cli.ts";

export type Unit = "ms" | "µs" | "MB/s" | "KB" | "requests/s";

/** What one run cost or achieved, in the measurement's unit; an error says which work was left undone. */
export type Figure = Result<number, string>;

/** One way of doing a measurement's work. Everything that is not the work stays outside what `run` counts. */
export type Contender = { readonly name: string; readonly run: () => Promise<Figure> };

/** A figure worked out from the others of the same round. */
export type Derived = {
  readonly name: string;
  readonly from: (figures: ReadonlyMap<string, number>) => number | undefined;
};

/**
 * The limit on the median of a contender's ratios to the floor; `figureAtMost` is one on the median of its own figures, for
 * what is promised as such and can be measured without the noise of a busy machine deciding.
 */
export type Bound =
  { readonly atMost: number } | { readonly atLeast: number } | { readonly figureAtMost: number };

export type Context = {
  readonly quick: boolean;
  /** An error is the reason, for a person, why there is none. */
  readonly cli: Result<ClaudeCli, string>;
  /** After an abort no contender is started any more. */
  readonly signal: AbortSignal;
};

export type Prepared = {
  /** Run in turn within each round; each round starts with another one. */
  readonly contenders: readonly Contender[];
  readonly derived?: readonly Derived[];
  /** Who could not take part, and why. */
  readonly absent?: readonly { readonly name: string; readonly reason: string }[];
  /** One sentence each: what was found while measuring, read after the last round. */
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
  /** An error is the reason why this machine cannot run it. */
  readonly prepare: (context: Context) => Promise<Result<Prepared, string>>;
};
