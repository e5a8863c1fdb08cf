import type { DriveLimits, DriveOptions } from "./drive-types.ts";

/** 8 s from one dialog to the next, 15 s for a run. */
export const defaultLimits: DriveLimits = { phaseMs: 8_000, totalMs: 15_000 };

/** The limits of a run. Only if the caller gives no limits, the pack's `blankMs` applies. */
export const limitsOf = ({ limits, pack }: Pick<DriveOptions<string>, "limits" | "pack">): DriveLimits => ({
  ...defaultLimits,
  ...(limits ?? { blankMs: pack.blankMs ?? 0 }),
});

/** The time limits of a run. Neither the wait for a turn to commit counts, nor up to `blankMs` of blank screen. */
export type Budget = {
  nextPhase(now: number): void;
  /** Stops both limits until `resume`. */
  pause(now: number): void;
  resume(now: number): void;
  /** Reports that the screen is blank, or shows text, from `now` on. */
  blank(isBlank: boolean, now: number): void;
  /** When the next limit is reached; `Infinity` while paused. */
  deadline(): number;
  /** The limit that is reached, or null. */
  expired(now: number): "phase" | "total" | null;
};

/**
 * Creates a budget on the run's clock, in milliseconds. The first phase begins at once, with a blank screen.
 */
export const createBudget = (limits: DriveLimits, startedAt: number): Budget => {
  const { phaseMs, totalMs, blankMs = 0 } = limits;
  let phaseEnd = startedAt + phaseMs;
  let totalEnd = startedAt + totalMs;
  let pausedAt: number | null = null;
  let blankSince: number | null = startedAt;
  let blankLeft = blankMs;
  const later = (milliseconds: number): void => {
    phaseEnd += milliseconds;
    totalEnd += milliseconds;
  };
  const freeAt = (now: number): number => (blankSince === null ? 0 : Math.min(now - blankSince, blankLeft));
  return {
    nextPhase: (now) => {
      phaseEnd = (pausedAt ?? now) + phaseMs;
    },
    pause: (now) => {
      pausedAt ??= now;
    },
    resume: (now) => {
      later(now - (pausedAt ?? now));
      pausedAt = null;
    },
    blank: (isBlank, now) => {
      const free = freeAt(now);
      later(free);
      blankLeft -= free;
      blankSince = isBlank ? now : null;
    },
    deadline: () => {
      if (pausedAt !== null) return Number.POSITIVE_INFINITY;
      return Math.min(phaseEnd, totalEnd) + (blankSince === null ? 0 : blankLeft);
    },
    expired: (now) => {
      if (pausedAt !== null) return null;
      const counted = now - freeAt(now);
      if (counted >= totalEnd) return "total";
      return counted >= phaseEnd ? "phase" : null;
    },
  };
};
