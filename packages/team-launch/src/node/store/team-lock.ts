import process from "node:process";
import { acquireFileLock, pause } from "@gatehouse/fs-kit";
import { hasEnded, processIdentityIn, thisProcess, type ProcessIdentity } from "@gatehouse/processes";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import type { LockWait, TeamLock } from "../../lifecycle/launch-ports.ts";
import type { LaunchError } from "../../lifecycle/launch-run.ts";
import { recordLauncher } from "./launcher-records.ts";

/** A team's lock, and the identity by which a later launcher detects that this one was killed. */
export type Locked = TeamLock & {
  /** Null if the kernel holds the lock and so knows; else the launching process. */
  readonly launcher: ProcessIdentity | null;
};

type Wanted = LockWait & {
  readonly path: string;
  readonly team: string;
  /** `this-process`: does not wait for launchers of other processes. */
  readonly reach: "between-processes" | "this-process";
};

/** Locks a team in the kernel, or only within this process if that was requested or the kernel lock is unavailable. */
export const lockTeam = async (wanted: Wanted): Promise<Result<Locked, LaunchError>> => {
  const { path, team, reach, timeoutMs, signal } = wanted;
  if (reach === "this-process") return lockInProcess(wanted);
  const locked = await acquireFileLock({ path, timeoutMs, signal });
  if (locked.ok) return ok({ ...locked.value, launcher: null });
  const { error } = locked;
  switch (error.code) {
    case "lock-unavailable":
      return lockInProcess(wanted);
    case "cancelled":
      return fail(cancelled(team));
    case "lock-unsafe":
      return fail({ code: "lock-unsafe", message: `${path} is not a file of this account alone.` });
    case "lock-timeout":
      return fail(timedOut(team, error.holder ?? "its process is not known"));
  }
};

/** The locks of this process, by file. */
const locksHere = new Set<string>();
/** Milliseconds between two tries to take a lock. */
const tryEvery = 15;

const lockInProcess = async ({
  path,
  team,
  timeoutMs,
  signal,
}: Wanted): Promise<Result<Locked, LaunchError>> => {
  const until = performance.now() + timeoutMs;
  while (locksHere.has(path)) {
    if (signal.aborted) return fail(cancelled(team));
    if (performance.now() >= until) return fail(timedOut(team, "of this process"));
    await pause(tryEvery, signal);
  }
  locksHere.add(path);
  try {
    const removeRecord = await recordLauncher(path);
    const release = (): Promise<void> => removeRecord().finally(() => locksHere.delete(path));
    return ok({ launcher: thisProcess(), release });
  } catch (error) {
    locksHere.delete(path);
    throw error;
  }
};

/**
 * True if the launcher of a team's newest launch is running. `recorded`: its recorded process identity, or empty if the
 * kernel holds its lock. The caller's own lock does not count.
 */
export const isLauncherRunning = async (
  path: string,
  recorded: string,
  own: Locked | null,
): Promise<boolean> => {
  const launcher = processIdentityIn(parseJson(recorded));
  if (launcher !== null) {
    if (hasEnded(launcher)) return false;
    const isOwn = own !== null && own.launcher !== null;
    return launcher.pid !== process.pid || (locksHere.has(path) && !isOwn);
  }
  if (own?.launcher === null) return false;
  const tried = await acquireFileLock({ path, timeoutMs: 0 });
  if (tried.ok) await tried.value.release();
  return !tried.ok && tried.error.code === "lock-timeout";
};

const cancelled = (team: string): LaunchError => ({
  code: "cancelled",
  message: `The wait for another launch of ${team} was cancelled.`,
});

const timedOut = (team: string, holder: string): LaunchError => ({
  code: "lock-timeout",
  message: `Another launch of ${team} is at work (${holder}).`,
  fix: "wait for it, or stop it",
});
