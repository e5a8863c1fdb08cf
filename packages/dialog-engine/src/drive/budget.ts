import type { DriveLimits } from "./drive-types.ts";

/** At most 8 s from one dialog to the next, 15 s a run. */
export const defaultLimits: DriveLimits = { phaseMs: 8_000, totalMs: 15_000 };

/** The time limits of a run. Waiting for a turn to commit does not count. */
export type Budget = {
  nextPhase(now: number): void;
  /** Stops both limits until `resume`. */
  pause(now: number): void;
  resume(now: number): void;
  /** When the next limit is reached; `Infinity` while paused. */
  deadline(): number;
  /** The limit that is reached, or null. */
  expired(now: number): "phase" | "total" | null;
};

/** Creates a budget on the run's clock, in milliseconds. The first phase begins at once. */
export const createBudget = ({ phaseMs, totalMs }: DriveLimits, startedAt: number): Budget => {
  let phaseEnd = startedAt + phaseMs;
  let totalEnd = startedAt + totalMs;
  let pausedAt: number | null = null;
  return {
    nextPhase: (now) => {
      phaseEnd = (pausedAt ?? now) + phaseMs;
    },
    pause: (now) => {
      pausedAt ??= now;
    },
    resume: (now) => {
      const waited = now - (pausedAt ?? now);
      phaseEnd += waited;
      totalEnd += waited;
      pausedAt = null;
    },
    deadline: () => (pausedAt === null ? Math.min(phaseEnd, totalEnd) : Number.POSITIVE_INFINITY),
    expired: (now) => {
      if (pausedAt !== null) return null;
      if (now >= totalEnd) return "total";
      return now >= phaseEnd ? "phase" : null;
    },
  };
};
