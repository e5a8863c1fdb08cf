import { appendFile, rm } from "node:fs/promises";
import { acquireFileLock, makeFolder, prepareDataFolder } from "@gatehouse/fs-kit";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import { lastOf } from "../../lifecycle/journal.ts";
import type { LaunchStore, LockWait, TeamLock } from "../../lifecycle/launch-ports.ts";
import type { LaunchError, LaunchSnapshot } from "../../lifecycle/launch-run.ts";
import type { Team } from "../../team/team.ts";
import { launchFiles } from "./launch-files.ts";
import { readJournal, textOf } from "./read-journals.ts";
import { writeWhole } from "./write-whole.ts";

/**
 * The launches of a data folder, in files (0600, in folders of 0700). Nothing is made before a lock is asked
 * for. Throws system errors: a full disk, or rights that were taken away meanwhile.
 */
export const launchStore = (dataDir: string, isLocking: boolean): LaunchStore => {
  const files = launchFiles(dataDir);
  const remove = (file: string): Promise<void> => rm(file, { force: true });
  return {
    lock: (team, wait) => lockTeam(dataDir, team, { ...wait, isLocking }),
    // Each launch settles the one before it, so only the newest can be without an end.
    unfinished: async (team) => {
      const kept = await readJournal(dataDir, (await textOf(files.newest(team))) ?? "");
      return kept === null || lastOf(kept.entries, "ended") !== undefined ? [] : [kept.entries];
    },
    team: (name) => read<Team>(files.team(name)),
    saveTeam: (team) => writeWhole(files.team(team.name), JSON.stringify(team)),
    removeTeam: (name) => remove(files.team(name)),
    snapshot: (team) => read<LaunchSnapshot>(files.snapshot(team)),
    saveSnapshot: (snapshot) => writeWhole(files.snapshot(snapshot.team), JSON.stringify(snapshot)),
    removeSnapshot: (team) => remove(files.snapshot(team)),
    note: async (id, entry) => {
      if (entry.type === "run") await writeWhole(files.newest(entry.run.team), id);
      // A whole line in one write: a kill -9 leaves at most the last one cut short.
      await appendFile(files.journal(id), `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    },
    saveArtifact: async (artifact) => {
      const file = files.artifact(artifact.launch.id);
      if ((await textOf(file)) === null) await writeWhole(file, `${JSON.stringify(artifact, null, 2)}\n`);
    },
  };
};

/** What we wrote whole ourselves; null if it is not there, or not ours. */
const read = async <T>(file: string): Promise<T | null> => {
  const parsed = parseJson((await textOf(file)) ?? "null");
  return typeof parsed === "object" && parsed !== null ? (parsed as T) : null;
};

const lockTeam = async (
  dataDir: string,
  team: string,
  { timeoutMs, signal, isLocking }: LockWait & { readonly isLocking: boolean },
): Promise<Result<TeamLock, LaunchError>> => {
  const prepared = await prepareDataFolder(dataDir);
  const fix = "name another data folder with --data DIR";
  if (!prepared.ok) return fail({ code: "data-folder-unusable", message: prepared.error.detail, fix });
  const files = launchFiles(dataDir);
  for (const folder of files.folders) await makeFolder(folder, 0o700);
  const unlocked: TeamLock = { isExclusive: false, release: async () => {} };
  if (!isLocking) return ok(unlocked);
  const locked = await acquireFileLock({ path: files.lock(team), timeoutMs, signal });
  if (locked.ok) return ok({ ...locked.value, isExclusive: true });
  const { error } = locked;
  switch (error.code) {
    case "lock-unavailable":
      return ok(unlocked);
    case "cancelled":
      return fail({ code: "cancelled", message: `The wait for another launch of ${team} was cancelled.` });
    case "lock-unsafe":
      return fail({
        code: "lock-unsafe",
        message: `${files.lock(team)} is not a file of this account alone.`,
      });
    case "lock-timeout":
      return fail({
        code: "lock-timeout",
        message: `Another launch of ${team} is at work (${error.holder ?? "its process is not known"}).`,
        fix: "wait for it, or end it; gatehouse launches list",
      });
  }
};

/** Whether a launcher works on a team at this moment. False where nobody has ever launched. */
export const isLaunching = async (dataDir: string, team: string): Promise<boolean> => {
  const locked = await acquireFileLock({ path: launchFiles(dataDir).lock(team), timeoutMs: 0 });
  if (locked.ok) await locked.value.release();
  return !locked.ok && locked.error.code === "lock-timeout";
};
