import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fail, systemCode } from "@gatehouse/std";
import { checkFiles, type FileIn, type FilesIn } from "../../files-in.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import type { Mount } from "../../workload-spec.ts";
import { placeOwn, type ReportMoved } from "../process/place-files.ts";
import type { AccountIds } from "../process/account.ts";
import { giveFolder } from "./give-folder.ts";

/** The name, in a workload's folder, of the mount with the files that the host may replace. */
const placedName = ".placed";

/**
 * The files of a workload, in two folders. Files that the host replaces while the agent runs are in a folder of the host,
 * mounted read-only: a link of the agent in it could make the host write to another folder. Files that the agent may
 * change are placed in the agent's folder before it starts. Links in it lead to the replaced files.
 */
export type PlacedFiles = {
  /** Places all files, which must be checked. No process of the workload may run. */
  readonly start: (files: FilesIn, user: AccountIds) => Promise<RuntimeResult<null>>;
  /** Replaces files of a running workload, all of them or none. */
  readonly replace: (files: Omit<FilesIn, "folder">, user: AccountIds) => Promise<RuntimeResult<null>>;
  readonly mounts: (folder: string) => readonly Mount[];
};

/** `placed`: the host's folder for the files of one session. */
export const placedFiles = (placed: string, report: ReportMoved = () => {}): PlacedFiles => ({
  start: async ({ folder, ...files }, user) => {
    const { replaced, own } = split(files);
    const links = [...replaced.tops].map((top): FileIn => ({
      kind: "link",
      path: top,
      target: `${placedName}/${top}`,
    }));
    try {
      await mkdir(placed, { recursive: true, mode: 0o755 });
      // The agent, or an earlier run as a process, may have left a file or a folder at this path.
      for (const { path } of links) await rm(join(folder, path), { recursive: true, force: true });
    } catch (error) {
      return fail(notMade(systemCode(error)));
    }
    const shared = await placeOwn({ folder: placed, ...replaced.files }, user);
    if (!shared.ok) return shared;
    const mountPoint: FileIn = { kind: "folder", path: placedName };
    const agents = await placeOwn(
      { folder, whole: [], entries: [mountPoint, ...links, ...own] },
      user,
      report,
    );
    if (!agents.ok) return agents;
    await giveFolder(folder, user);
    return agents;
  },
  replace: async (files, user) => {
    const checked = checkFiles(files);
    if (!checked.ok) return checked;
    const { replaced, own } = split(files);
    if (own.length > 0)
      return fail({
        code: "files-refused",
        message: `${own[0]?.path} is in the agent's own folder, where the host writes no file while the agent runs.`,
      });
    return placeOwn({ folder: placed, ...replaced.files }, user);
  },
  mounts: (folder) => [
    { source: folder, target: folder, isReadOnly: false },
    { source: placed, target: join(folder, placedName), isReadOnly: true },
  ],
});

type Files = Omit<FilesIn, "folder">;

/** Splits files: the host may replace those below the first name of a `whole` folder, such as `in` for `in/skills`. */
const split = ({ whole, entries }: Files) => {
  const tops = new Set(whole.map(topOf));
  const isReplaced = ({ path }: FileIn): boolean => tops.has(topOf(path));
  const files: Files = { whole, entries: entries.filter(isReplaced) };
  return { replaced: { tops, files }, own: entries.filter((entry) => !isReplaced(entry)) };
};

const topOf = (path: string): string => path.split("/", 1)[0] ?? "";

const notMade = (why: string): RuntimeError => ({
  code: "files-refused",
  message: `The folders of the agent's files cannot be made (${why}).`,
});
