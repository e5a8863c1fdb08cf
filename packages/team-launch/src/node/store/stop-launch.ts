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
import { signedTeams, signsAt } from "./launcher-signs.ts";
import { newestIn } from "./launch-store.ts";
import { namesBelow, readJournal } from "./read-journals.ts";
import { isAtWork } from "./team-lock.ts";

/** A launch that was asked to end: how it did. Both are null if it had not begun its run. */
export type StoppedLaunch = { readonly launch: string | null; readonly state: LaunchState | null };

/** The teams that a launcher works on now: it plans, prepares trust, starts agents or waits for them. */
export const launchingTeams = async (dataDir: string): Promise<readonly string[]> => {
  const files = launchFiles(dataDir);
  const known = [
    ...(await namesBelow(files.locks, ".lock")),
    // Where the kernel holds no lock the launcher signs in these two places.
    ...(await signedTeams(files.locks)),
    ...(await namesBelow(dirname(files.newest("")), ".txt")),
  ];
  const teams: string[] = [];
  for (const team of new Set(known)) if (await isWorkedOn(dataDir, team)) teams.push(team);
  return teams;
};

/**
 * Asks the launches of a team that are at work, or wait for one that is, to end, and waits until none is at work
 * any more. Before its first agent a launch takes back what it made; later its agents live on.
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
  while (await isWorkedOn(dataDir, team)) {
    if (signal.aborted) return fail({ code: "cancelled", message: "The wait for the launch was cancelled." });
    if (performance.now() >= until) return fail(stillLaunching(team, timeoutMs));
    await pause(lookMs, signal);
  }
  const now = await newestEnd(dataDir, team);
  const isOfBefore = now.launch === before.launch && before.state !== null;
  return ok(isOfBefore ? { launch: null, state: null } : now);
};

/** In place: whoever sees half of it sees that it has changed, and a kill leaves no file beside it. */
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
/** Whoever only looks at a lock has it for less than this, ms. */
const glanceMs = 50;

/** From before its first step to its last. A launcher that was killed works on nothing. */
const isWorkedOn = async (dataDir: string, team: string): Promise<boolean> => {
  const files = launchFiles(dataDir);
  if (existsSync(files.lock(team))) {
    const tried = await acquireFileLock({ path: files.lock(team), timeoutMs: glanceMs });
    if (tried.ok) await tried.value.release();
    else if (tried.error.code === "lock-timeout") return true;
  }
  for (const sign of await signsAt(files.lock(team)))
    if (await isAtWork(files.lock(team), sign, null)) return true;
  const { id, launcher } = await newestIn(files.newest(team));
  if (launcher === "" || !(await isAtWork(files.lock(team), launcher, null))) return false;
  const kept = await readJournal(dataDir, id);
  return kept !== null && lastOf(kept.entries, "ended") === undefined;
};

/** The newest launch of a team, and how it has ended. */
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
