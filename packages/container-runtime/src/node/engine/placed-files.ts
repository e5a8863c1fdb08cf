import { lchown, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fail, systemCode } from "@gatehouse/std";
import { checkFiles, type FileIn, type FilesIn } from "../../files-in.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import type { Mount } from "../../workload-spec.ts";
import { placeOwn } from "../process/place-files.ts";
import type { AccountIds } from "../process/account.ts";

/** The name in a workload's folder under which it sees the files that the host may replace. */
const placedName = ".placed";

/**
 * The files of a workload in two places. What the host replaces while the agent runs is in a folder of the host's, which
 * the container sees read-only: in a folder where the agent writes, a link could lead the host elsewhere. What the agent
 * may change is placed in its own folder, before it starts. A link there leads to the replaced files.
 */
export type PlacedFiles = {
  /** Places all files, which were checked. Nothing of the workload may run. */
  readonly start: (files: FilesIn, user: AccountIds) => Promise<RuntimeResult<null>>;
  /** Replaces files of a running workload, all of them or none. */
  readonly replace: (files: Omit<FilesIn, "folder">, user: AccountIds) => Promise<RuntimeResult<null>>;
  readonly mounts: (folder: string) => readonly Mount[];
};

/** `placed`: the host's folder for the files of one session. */
export const placedFiles = (placed: string): PlacedFiles => ({
  start: async ({ folder, ...files }, user) => {
    const { replaced, own } = split(files);
    const links = [...replaced.tops].map((top): FileIn => ({
      kind: "link",
      path: top,
      target: `${placedName}/${top}`,
    }));
    try {
      await mkdir(placed, { recursive: true, mode: 0o755 });
      // The agent, or an older run without a container, may have put something else there.
      for (const { path } of links) await rm(join(folder, path), { recursive: true, force: true });
    } catch (error) {
      return fail(notMade(systemCode(error)));
    }
    const shared = await placeOwn({ folder: placed, ...replaced.files }, user);
    if (!shared.ok) return shared;
    const mountPoint: FileIn = { kind: "folder", path: placedName };
    const agents = await placeOwn({ folder, whole: [], entries: [mountPoint, ...links, ...own] }, user);
    if (!agents.ok) return agents;
    await lchown(folder, user.uid, user.gid);
    return agents;
  },
  replace: async (files, user) => {
    const checked = checkFiles(files);
    if (!checked.ok) return checked;
    const { replaced, own } = split(files);
    if (own.length > 0)
      return fail({
        code: "files-refused",
        message: `${own[0]?.path} is in the agent's own folder, where the host writes nothing while it runs.`,
      });
    return placeOwn({ folder: placed, ...replaced.files }, user);
  },
  mounts: (folder) => [
    { source: folder, target: folder, isReadOnly: false },
    { source: placed, target: join(folder, placedName), isReadOnly: true },
  ],
});

type Files = Omit<FilesIn, "folder">;

/** The host may replace files below the first names of its whole folders: `in` for `in/skills`. */
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
