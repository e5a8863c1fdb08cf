import { existsSync, readdirSync } from "node:fs";
import { clearTimeout, setTimeout } from "node:timers";
import { statOf } from "@gatehouse/processes";

/** A CLI counts as not answering if, for this long, it neither works nor waits for a processor, ms. */
const silenceMs = 2_000;

/** Processor time that a starting program uses within `silenceMs` even on a busy machine, ms. */
const workMs = 100;

/** Silence is watched only after this time, ms: most answers take less than 10. */
const quickMs = 50;

/** Interval between two checks of the CLI's work, ms. */
const lookMs = 250;

/**
 * Calls `onSilence` after `timeoutMs`, or after `silenceMs` in which the program used hardly any processor time and did
 * not wait for any: if many programs start at once, each gets little. Reading this costs a millisecond, so the first
 * reading comes after the time of a quick answer.
 */
export const silenceClock = (
  pid: number | undefined,
  timeoutMs: number,
  onSilence: (waitedMs: number) => void,
): (() => void) => {
  const startedAt = performance.now();
  let silentSince = startedAt;
  let usedMs = 0;
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const now = performance.now();
    const work = groupWork(pid);
    if (work !== null && (work.isBusy || work.usedMs - usedMs >= workMs)) {
      silentSince = now;
      usedMs = work.usedMs;
    }
    const waitedMs = now - startedAt;
    if (now - silentSince >= silenceMs || waitedMs >= timeoutMs) onSilence(waitedMs);
    else timer = setTimeout(look, Math.min(lookMs, timeoutMs - waitedMs));
  };
  timer = setTimeout(look, Math.min(quickMs, timeoutMs));
  return () => clearTimeout(timer);
};

/** Linux counts processor time in hundredths of a second on every machine, ms. */
const tickMs = 10;

type GroupWork = {
  /** The processor time that the group's running processes have used, ms. */
  readonly usedMs: number;
  /** True if one of them runs, or waits for a processor or a disk. */
  readonly isBusy: boolean;
};

/**
 * The work of a group's running processes: Codex from npm is a script that starts the program and waits for it. Null
 * without Linux's /proc, or if the group has ended.
 */
const groupWork = (group: number | undefined): GroupWork | null => {
  if (group === undefined || !existsSync("/proc/self/stat")) return null;
  const works = readdirSync("/proc").flatMap((name) =>
    /^\d+$/.test(name) ? workOf(Number(name), group) : [],
  );
  if (works.length === 0) return null;
  return {
    usedMs: works.reduce((sum, { usedMs }) => sum + usedMs, 0),
    isBusy: works.some(({ isBusy }) => isBusy),
  };
};

/** The fields start with the third one of /proc/<pid>/stat: state, parent, group; the used times are the 12th and 13th. */
const workOf = (pid: number, group: number): readonly GroupWork[] => {
  const fields = statOf(pid) ?? [];
  if (Number(fields[2]) !== group) return [];
  const usedMs = (Number(fields[11]) + Number(fields[12])) * tickMs;
  return [{ usedMs, isBusy: fields[0] === "R" || fields[0] === "D" }];
};
