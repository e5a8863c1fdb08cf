import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { acquireFileLock, makeFolder, pause } from "@gatehouse/fs-kit";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { lastOf } from "../../lifecycle/journal.ts";
import type { LockWait } from "../../lifecycle/launch-ports.ts";
import type { LaunchError, LaunchState } from "../../lifecycle/launch-run.ts";
import { launchFiles } from "./launch-files.ts";
import { recordedTeams, runningLaunchers } from "./launcher-records.ts";
import { newestIn } from "./launch-store.ts";
import { namesBelow, readJournal } from "./read-journals.ts";
import { isLauncherRunning } from "./team-lock.ts";

/** A stopped launch and its end. Both are null if it had not begun its run. */
export type StoppedLaunch = { readonly launch: string | null; readonly state: LaunchState | null };

/** The teams on which a launcher is working now: it plans, prepares trust, starts agents or waits for them. */
export const launchingTeams = async (dataDir: string): Promise<readonly string[]> => {
  const files = launchFiles(dataDir);
  const known = [
    ...(await namesBelow(files.locks, ".lock")),
    // A launcher without a kernel lock records itself in these two places.
    ...(await recordedTeams(files.locks)),
    ...(await namesBelow(dirname(files.newest("")), ".txt")),
  ];
  const teams: string[] = [];
  for (const team of new Set(known)) if (await hasRunningLaunch(dataDir, team)) teams.push(team);
  return teams;
};

/**
 * Stops the launches of a team, both running ones and those that wait for a running one, and waits until none is running.
 * Before its first agent a launch undoes its changes; after that its agents keep running.
 */
export const stopLaunch = async (
  dataDir: string,
  team: string,
  { timeoutMs, signal }: LockWait,
): Promise<Result<StoppedLaunch, LaunchError>> => {
  const files = launchFiles(dataDir);
  const before = await newestEnd(dataDir, team);
  const marked = await mark(files.stop(team));
  if (!marked.ok) return marked;
  const until = performance.now() + timeoutMs;
  while (await hasRunningLaunch(dataDir, team)) {
    if (signal.aborted) return fail({ code: "cancelled", message: "The wait for the launch was cancelled." });
    if (performance.now() >= until) return fail(stillLaunching(team, timeoutMs));
    await pause(lookMs, signal);
  }
  const now = await newestEnd(dataDir, team);
  const isOfBefore = now.launch === before.launch && before.state !== null;
  return ok(isOfBefore ? { launch: null, state: null } : now);
};

/** Writes in place: a half-written file has changed too, and a kill leaves no other file behind. */
const mark = async (file: string): Promise<Result<null, LaunchError>> => {
  try {
    await makeFolder(dirname(file), 0o700);
    await writeFile(file, randomUUID(), { mode: 0o600 });
    return ok(null);
  } catch (error) {
    const message = `A launch cannot be told to stop: ${file} cannot be written (${systemCode(error)}).`;
    return fail({ code: "data-folder-unusable", message, fix: "end the process that launches" });
  }
};

const lookMs = 20;
/** A process that only checks a lock holds it for less than this, ms. */
const shortLockMs = 50;

/** True from before a launch's first step until after its last one. False for a killed launcher. */
const hasRunningLaunch = async (dataDir: string, team: string): Promise<boolean> => {
  const files = launchFiles(dataDir);
  if (existsSync(files.lock(team))) {
    const tried = await acquireFileLock({ path: files.lock(team), timeoutMs: shortLockMs });
    if (tried.ok) await tried.value.release();
    else if (tried.error.code === "lock-timeout") return true;
  }
  for (const recorded of await runningLaunchers(files.lock(team)))
    if (await isLauncherRunning(files.lock(team), recorded, null)) return true;
  const { id, launcher } = await newestIn(files.newest(team));
  if (launcher === "" || !(await isLauncherRunning(files.lock(team), launcher, null))) return false;
  const kept = await readJournal(dataDir, id);
  return kept !== null && lastOf(kept.entries, "ended") === undefined;
};

/** The newest launch of a team, and the state of its end. */
const newestEnd = async (dataDir: string, team: string): Promise<StoppedLaunch> => {
  const { id } = await newestIn(launchFiles(dataDir).newest(team));
  const kept = id === "" ? null : await readJournal(dataDir, id);
  return { launch: id === "" ? null : id, state: lastOf(kept?.entries ?? [], "ended")?.state ?? null };
};

const stillLaunching = (team: string, timeoutMs: number): LaunchError => ({
  code: "still-launching",
  message: `The launch of ${team} did not end within ${timeoutMs / 1000} s: its launcher may hang.`,
  fix: "End the process that launches it, then stop again.",
});
