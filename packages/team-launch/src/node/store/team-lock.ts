import process from "node:process";
import { acquireFileLock, pause } from "@gatehouse/fs-kit";
import { hasEnded, processIdentityIn, thisProcess, type ProcessIdentity } from "@gatehouse/processes";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import type { LockWait, TeamLock } from "../../lifecycle/launch-ports.ts";
import type { LaunchError } from "../../lifecycle/launch-run.ts";
import { leaveSign } from "./launcher-signs.ts";

/** A team's lock, and by which sign a later launcher knows that this one was killed. */
export type Locked = TeamLock & {
  /** Null: the kernel knows, because it holds the lock. Else the process that launches. */
  readonly launcher: ProcessIdentity | null;
};

type Wanted = LockWait & {
  readonly path: string;
  readonly team: string;
  /** `this-process`: launchers of other processes are not waited for. */
  readonly reach: "between-processes" | "this-process";
};

/** Locks a team: in the kernel, or where that is not wanted or not possible, within this process. */
export const lockTeam = async (wanted: Wanted): Promise<Result<Locked, LaunchError>> => {
  const { path, team, reach, timeoutMs, signal } = wanted;
  if (reach === "this-process") return lockHere(wanted);
  const locked = await acquireFileLock({ path, timeoutMs, signal });
  if (locked.ok) return ok({ ...locked.value, launcher: null });
  const { error } = locked;
  switch (error.code) {
    case "lock-unavailable":
      return lockHere(wanted);
    case "cancelled":
      return fail(cancelled(team));
    case "lock-unsafe":
      return fail({ code: "lock-unsafe", message: `${path} is not a file of this account alone.` });
    case "lock-timeout":
      return fail(timedOut(team, error.holder ?? "its process is not known"));
  }
};

/** The locks of this process, by their files. */
const heldHere = new Set<string>();
/** Milliseconds between two tries. */
const tryEvery = 15;

const lockHere = async ({ path, team, timeoutMs, signal }: Wanted): Promise<Result<Locked, LaunchError>> => {
  const until = performance.now() + timeoutMs;
  while (heldHere.has(path)) {
    if (signal.aborted) return fail(cancelled(team));
    if (performance.now() >= until) return fail(timedOut(team, "of this process"));
    await pause(tryEvery, signal);
  }
  heldHere.add(path);
  try {
    const removeSign = await leaveSign(path);
    const release = (): Promise<void> => removeSign().finally(() => heldHere.delete(path));
    return ok({ launcher: thisProcess(), release });
  } catch (error) {
    heldHere.delete(path);
    throw error;
  }
};

/**
 * Whether the launcher of a team's newest launch is at work. `signed` is what it left of itself: its process,
 * or nothing where the kernel holds its lock. The caller's own lock counts as nobody's.
 */
export const isAtWork = async (path: string, signed: string, own: Locked | null): Promise<boolean> => {
  const launcher = processIdentityIn(parseJson(signed));
  if (launcher !== null) {
    if (hasEnded(launcher)) return false;
    const isOwn = own !== null && own.launcher !== null;
    return launcher.pid !== process.pid || (heldHere.has(path) && !isOwn);
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
