import type { Row } from "./compare.ts";
import type { Machine } from "./machine.ts";
import type { Unit } from "./measurement.ts";

/** The result of one measurement. */
export type Measured = {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly floor: string;
  readonly rounds: number;
  /** Why it was not run; then there are no rows. */
  readonly skipped: string | null;
  /**
   * The error that it threw, a bug of the measurement or of the measured code; then there are no rows either.
   */
  readonly failed?: string;
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
};

/** The JSON document of a run. */
export type BenchReport = {
  /** False if a bound was missed, or a measurement failed. */
  readonly ok: boolean;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly quick: boolean;
  readonly claude: string | null;
  readonly machine: Machine;
  readonly measurements: readonly Measured[];
};

export const holds = ({ rows, failed }: Measured): boolean =>
  failed === undefined && rows.every((row) => row.holds !== false);
