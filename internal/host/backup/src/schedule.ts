/** Lengths of the units, ms. */
const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** The ms of a span such as `90m`, `12h`, `1d` or `2w`; null for another text. */
export const spanMs = (text: string): number | null => {
  const [, count, unit = ""] = /^([1-9]\d{0,3})([mhdw])$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * (units[unit] ?? 0);
};

/** The time after which a failed backup is tried again, ms. */
const retryMs = 3_600_000;

/** What the next backup depends on. Times are ms since 1970; null if there was none. */
export type Timing = {
  readonly everyMs: number;
  /** When the schedule was set: the time of its first backup. The others follow in steps of `everyMs`. */
  readonly setAt: number;
  /** The time of the newest backup that is there. */
  readonly madeAt: number | null;
  /** The time of the last try, if it failed. */
  readonly failedAt: number | null;
};

/**
 * The time of the next backup, ms since 1970. One that is missed while no host runs is due at once, and made once. A clock
 * that is set back or forth costs one backup more at most, and never ends them.
 */
export const nextBackup = ({ everyMs, setAt, madeAt, failedAt }: Timing, now: number): number => {
  if (failedAt !== null) return failedAt > now ? now : failedAt + Math.min(everyMs, retryMs);
  if (madeAt === null) return setAt > now ? now : setAt;
  const stepOf = (time: number): number => Math.floor((time - setAt) / everyMs);
  return stepOf(madeAt) > stepOf(now) ? now : setAt + (stepOf(madeAt) + 1) * everyMs;
};
