import { rename, rm, open, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeFolder, prepareDataFolder, replaceFile } from "@gatehouse/fs-kit";
import { fail, parseJson, type Result } from "@gatehouse/std";
import { lastOf } from "../../lifecycle/journal.ts";
import type { LaunchStore } from "../../lifecycle/launch-ports.ts";
import { keptLaunches } from "../../lifecycle/prune-launches.ts";
import type { LaunchError, LaunchSnapshot } from "../../lifecycle/launch-run.ts";
import type { Team } from "../../team/team.ts";
import type { TrustPolicy } from "../../trust-policy.ts";
import { launchFiles, type LaunchFiles } from "./launch-files.ts";
import { readJournal, textOf } from "./read-journals.ts";
import { isLauncherRunning, lockTeam, type Locked } from "./team-lock.ts";

/**
 * The launches of a data folder, in files (0600, in folders of 0700). Creates nothing before the first lock. Throws
 * system errors: a full disk, or rights that were removed meanwhile.
 */
export const launchStore = (dataDir: string, reach: TrustPolicy["locks"]): LaunchStore => {
  const files = launchFiles(dataDir);
  let own: Locked | null = null;
  const remove = (file: string): Promise<void> => rm(file, { force: true });
  return {
    lock: async (team, wait) => {
      const locked = await lockFiles(dataDir, { ...wait, path: files.lock(team), team, reach });
      own = locked.ok ? locked.value : null;
      return locked;
    },
    // Each launch ends the killed one before it, so only the newest can be without an end.
    killed: async (team) => {
      const newest = await newestIn(files.newest(team));
      const kept = await readJournal(dataDir, newest.id);
      if (kept === null || lastOf(kept.entries, "ended") !== undefined) return [];
      if (await isLauncherRunning(files.lock(team), newest.launcher, own)) return [];
      await removeUnfinished(files.artifact(newest.id));
      return [kept.entries];
    },
    team: async (name) => {
      const [file, team] = [files.team(name), await read<Team>(files.team(name))];
      // A launch that finds no team may remove the file, so an unreadable file is renamed to keep it.
      if (team === null && (await textOf(file)) !== null) await rename(file, `${file}.unreadable`);
      return team;
    },
    saveTeam: (team) => replaceFile(files.team(team.name), JSON.stringify(team)),
    removeTeam: (name) => remove(files.team(name)),
    keepTeam: async (name) => replaceFile(files.before(name), (await textOf(files.team(name))) ?? ""),
    restoreTeam: async (name) => {
      const text = (await textOf(files.before(name))) ?? "";
      if (text !== "") await rename(files.before(name), files.team(name));
    },
    forgetKept: (name) => remove(files.before(name)),
    snapshot: (team) => read<LaunchSnapshot>(files.snapshot(team)),
    saveSnapshot: (snapshot) => replaceFile(files.snapshot(snapshot.team), JSON.stringify(snapshot)),
    removeSnapshot: (team) => remove(files.snapshot(team)),
    note: async (id, entry) => {
      if (entry.type === "run") await recordNewest(files, entry.run.team, id, own);
      await appendLine(files.journal(id), JSON.stringify(entry));
    },
    launches: async (team) => {
      const ids = await historyOf(files.history(team));
      // Only one launch in ten reads all journals.
      if (ids.length < keptLaunches + slack) return [];
      return Promise.all(ids.map(async (id) => (await readJournal(dataDir, id)) ?? { id, entries: [] }));
    },
    forget: async (team, ids) => {
      for (const id of ids) await Promise.all([remove(files.journal(id)), remove(files.artifact(id))]);
      const left = (await historyOf(files.history(team))).filter((id) => !ids.includes(id));
      await replaceFile(files.history(team), left.map((id) => `${id}\n`).join(""));
    },
    saveArtifact: async (artifact) => {
      const file = files.artifact(artifact.launch.id);
      if ((await textOf(file)) === null) await replaceFile(file, `${JSON.stringify(artifact, null, 2)}\n`);
    },
  };
};

/** Makes the folders, locks a team, and removes unfinished files that a kill left behind. */
const lockFiles = async (
  dataDir: string,
  wanted: Parameters<typeof lockTeam>[0],
): Promise<Result<Locked, LaunchError>> => {
  const prepared = await prepareDataFolder(dataDir);
  const fix = "name another folder with `dataDir`";
  if (!prepared.ok) return fail({ code: "data-folder-unusable", message: prepared.error.detail, fix });
  const files = launchFiles(dataDir);
  for (const folder of files.folders) await makeFolder(folder, 0o700);
  const locked = await lockTeam(wanted);
  // While the kernel holds the lock, no other launcher writes these files.
  if (locked.ok && locked.value.launcher === null)
    for (const fileOf of [files.team, files.before, files.snapshot, files.newest, files.history])
      await removeUnfinished(fileOf(wanted.team));
  return locked;
};

/** Records this launch as the team's newest. */
const recordNewest = async (
  files: LaunchFiles,
  team: string,
  id: string,
  own: Locked | null,
): Promise<void> => {
  const launcher = own?.launcher == null ? "" : `\n${JSON.stringify(own.launcher)}`;
  await replaceFile(files.newest(team), `${id}${launcher}`);
  await appendLine(files.history(team), id);
};

/** The number of additional launches before old ones are removed. */
const slack = 10;

const historyOf = async (file: string): Promise<readonly string[]> => [
  ...new Set(((await textOf(file)) ?? "").split("\n").filter((id) => id !== "")),
];

/** Reads a file that we wrote; null if it is missing or does not contain an object. */
const read = async <T>(file: string): Promise<T | null> => {
  const parsed = parseJson((await textOf(file)) ?? "null");
  return typeof parsed === "object" && parsed !== null ? (parsed as T) : null;
};

/** True if a launcher is working on a team now. False if the team was never launched. */
export const isLaunching = async (dataDir: string, team: string): Promise<boolean> => {
  const files = launchFiles(dataDir);
  const newest = await newestIn(files.newest(team));
  return newest.id !== "" && isLauncherRunning(files.lock(team), newest.launcher, null);
};

/** The launch of a team that began last, and its launcher if the kernel does not hold its lock. */
export const newestIn = async (file: string): Promise<{ readonly id: string; readonly launcher: string }> => {
  const [id = "", launcher = ""] = ((await textOf(file)) ?? "").split("\n");
  return { id, launcher };
};

/** The ending of the files that a killed `replaceFile` left. */
const unfinished = ".new";

/** Removes unfinished copies of this file that a kill -9 left behind. Only its single writer may call this. */
const removeUnfinished = async (file: string): Promise<void> => {
  const beside = `${basename(file)}.`;
  for (const name of await readdir(dirname(file)))
    if (name.startsWith(beside) && name.endsWith(unfinished))
      await rm(join(dirname(file), name), { force: true });
};

/**
 * Appends a line, mode 0600, in one write. If a kill -9 or a full disk has cut the last line short, begins a new line
 * first. Throws system errors.
 */
const appendLine = async (file: string, line: string): Promise<void> => {
  const handle = await open(file, "a+", 0o600);
  try {
    const { size } = await handle.stat();
    const last = size === 0 ? null : await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    const isTorn = last !== null && last.buffer.toString("latin1") !== "\n";
    await handle.writeFile(`${isTorn ? "\n" : ""}${line}\n`);
  } finally {
    await handle.close();
  }
};
