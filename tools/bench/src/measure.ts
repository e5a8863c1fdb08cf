import type { Measured } from "./bench-report.ts";
import { compare } from "./compare.ts";
import type { Context, Measurement } from "./measurement.ts";
import { namesIn, runRounds } from "./run-rounds.ts";

/** Runs one measurement from start to end. */
export const measure = async (
  measurement: Measurement,
  context: Context,
  onRun: (contender: string) => void,
): Promise<Measured> => {
  const { name, title, unit, floor } = measurement;
  const rounds = context.quick ? measurement.rounds.quick : measurement.rounds.full;
  const frame = { name, title, unit, floor, rounds };
  const prepared = await measurement.prepare(context);
  if (!prepared.ok) return { ...frame, skipped: prepared.error, rows: [], absent: [], notes: [] };
  const { absent = [], notes = () => [], dispose = async () => {} } = prepared.value;
  const done = await runRounds(prepared.value, rounds, { signal: context.signal, onRun }).finally(dispose);
  return {
    ...frame,
    skipped: null,
    rows: compare(measurement, namesIn(prepared.value), done),
    absent,
    notes: notes(),
  };
};
