import type { Measured } from "./bench-report.ts";
import { compare } from "./compare.ts";
import type { Context, Measurement } from "./measurement.ts";
import { namesIn, runRounds } from "./run-rounds.ts";

/** Runs one measurement from start to end. If it throws, it has failed; later measurements still run. */
export const measure = async (
  measurement: Measurement,
  context: Context,
  onRun: (contender: string) => void,
): Promise<Measured> => {
  try {
    return await measureOnce(measurement, context, onRun);
  } catch (error) {
    const { name, title, unit, floor } = measurement;
    const failed = error instanceof Error ? error.message : String(error);
    return { name, title, unit, floor, rounds: 0, skipped: null, failed, rows: [], notes: [] };
  }
};

const measureOnce = async (
  measurement: Measurement,
  context: Context,
  onRun: (contender: string) => void,
): Promise<Measured> => {
  const { name, title, unit, floor } = measurement;
  const rounds = context.quick ? measurement.rounds.quick : measurement.rounds.full;
  const frame = { name, title, unit, floor, rounds };
  const prepared = await measurement.prepare(context);
  if (!prepared.ok) return { ...frame, skipped: prepared.error, rows: [], notes: [] };
  const { notes = () => [], dispose = async () => {} } = prepared.value;
  const done = await runRounds(prepared.value, rounds, { signal: context.signal, onRun }).finally(dispose);
  return {
    ...frame,
    skipped: null,
    rows: compare(measurement, namesIn(prepared.value), done),
    notes: notes(),
  };
};
