import { createHash, randomUUID } from "node:crypto";
import { chmod, lchown, mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { inFolder, kindOfEntry, moveAside, type HeldFolder } from "@gatehouse/fs-kit";
import { fail, ok, systemCode } from "@gatehouse/std";
import { checkFiles, type FileIn, type FilesIn, signatureOf } from "../../files-in.ts";
import type { RuntimeError, RuntimeResult } from "../../runtime-result.ts";
import type { AccountIds } from "./account.ts";
import { contentOf } from "./archive.ts";
import { placeFilesAs } from "./place-files-as.ts";
import type { Container } from "../../runtime.ts";

/** Receives a sentence about an entry of the agent that was in the way of a file, and was renamed. */
export type ReportMoved = (moved: string) => void;

/**
 * Puts files into the folder of a workload. All are written to a temporary folder first, so that a full disk leaves
 * no file half written. For the host's own account the host writes them; for another account, a shell of that
 * account does. An entry of the agent that is in the way is renamed and kept, so no agent prevents its own start.
 */
export const placeFiles = async (
  files: FilesIn,
  account: string | null,
  report: ReportMoved = () => {},
): Promise<RuntimeResult<null>> => {
  const checked = checkFiles(files);
  if (!checked.ok || (files.entries.length === 0 && files.whole.length === 0)) return checked;
  // A relative folder would be below the host's working directory.
  if (!files.folder.startsWith("/"))
    return fail(notPlaced(files.folder, "the folder is not an absolute path"));
  return account === null ? placeOwn(files, null, report) : placeFilesAs(account, files, report);
};

const notPlaced = (folder: string, why: string): RuntimeError => ({
  code: "files-refused",
  message: `The files for the agent cannot be written to ${folder}: ${why}.`,
});

/** The prefix of folders with unfinished files. A killed host leaves them behind. */
const unfinished = ".new-";

/** Places files as this process. They then belong to `owner`; if it is null, to this process's account. */
export const placeOwn = async (
  files: FilesIn,
  owner: AccountIds | null = null,
  report: ReportMoved = () => {},
): Promise<RuntimeResult<null>> => {
  const { folder } = files;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await inFolder(dirname(folder), basename(folder), (held) => placeIn(held, files, owner, report));
    return ok(null);
  } catch (error) {
    return fail(notPlaced(folder, systemCode(error)));
  }
};

const placeIn = async (
  held: HeldFolder,
  files: FilesIn,
  owner: AccountIds | null,
  report: ReportMoved,
): Promise<void> => {
  const accounts = [process.geteuid?.(), ...(owner === null ? [] : [owner.uid])];
  if (!accounts.includes(held.facts.uid))
    throw Object.assign(new Error(`${files.folder} is not this account's`), { code: "EPERM" });
  for (const name of await readdir(held.at()))
    if (name.startsWith(unfinished)) await rm(held.at(name), { recursive: true });
  const fresh = held.at(`${unfinished}${randomUUID()}`);
  try {
    await write(files, fresh);
    if (owner !== null) await giveAll(fresh, owner);
    await move(held, files, { fresh, owner, report });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
};

/** Gives everything in a new folder to an account; the folder stays this account's. */
const giveAll = async (folder: string, { uid, gid }: AccountIds): Promise<void> => {
  // A recursive `readdir` follows links.
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    await lchown(path, uid, gid);
    if (entry.isDirectory()) await giveAll(path, { uid, gid });
  }
};

const write = async ({ whole, entries }: FilesIn, fresh: string): Promise<void> => {
  const make = (path: string) => mkdir(path, { recursive: true, mode: 0o700 });
  await make(fresh);
  for (const path of whole) await make(join(fresh, path));
  for (const entry of entries) {
    const to = join(fresh, entry.path);
    await make(entry.kind === "folder" ? to : dirname(to));
    if (entry.kind === "link") await symlink(entry.target, to);
    if (entry.kind !== "file") continue;
    await writeFile(to, await contentOf(entry), { mode: 0o600, flag: "wx" });
    await chmod(to, entry.mode);
  }
};

type Move = {
  /** The folder with the new files. */
  readonly fresh: string;
  readonly owner: AccountIds | null;
  readonly report: ReportMoved;
};

const move = async (held: HeldFolder, { folder, whole, entries }: FilesIn, move: Move): Promise<void> => {
  const { fresh, owner, report } = move;
  const isInWhole = ({ path }: FileIn): boolean => whole.some((one) => path.startsWith(`${one}/`));
  const clear = async (parent: HeldFolder, path: string): Promise<void> => {
    const aside = await moveAside(parent, basename(path));
    report(`${join(folder, path)} was in the way of the host's file, and was renamed to ${aside}.`);
  };
  /** Makes the missing folders of a path, and holds the last one. A link on the way is renamed, not followed. */
  const within = async (path: string, use: (parent: HeldFolder) => Promise<void>): Promise<void> => {
    let above = "";
    for (const name of path.split("/").filter((one) => one !== ".")) {
      const at = join(above, name);
      await inFolder(held.at(), above, async (parent) => {
        const kind = await kindOfEntry(parent, name);
        if (kind === "folder") return;
        if (kind !== null) await clear(parent, at);
        await mkdir(parent.at(name), { mode: 0o700 });
        if (owner !== null) await lchown(parent.at(name), owner.uid, owner.gid);
      });
      above = at;
    }
    await inFolder(held.at(), above, use);
  };
  for (const [index, path] of whole.entries())
    await within(dirname(path), async (parent) => {
      const name = basename(path);
      if ((await kindOfEntry(parent, name)) !== null)
        await rename(parent.at(name), join(fresh, `.old-${index}`));
      await rename(join(fresh, path), parent.at(name));
    });
  for (const { kind, path } of entries.filter((one) => !isInWhole(one))) {
    if (kind === "folder") await within(path, async () => {});
    else if (kind === "file")
      await within(dirname(path), async (parent) => {
        if ((await kindOfEntry(parent, basename(path))) === "folder") await clear(parent, path);
        await rename(join(fresh, path), parent.at(basename(path)));
      });
    else if (await isFree(held, path))
      await within(dirname(path), (parent) => rename(join(fresh, path), parent.at(basename(path))));
  }
};

/** False if the agent has put something at the path of a link, or at a folder of it: the agent's entry stays. */
const isFree = async (held: HeldFolder, path: string): Promise<boolean> => {
  try {
    return await inFolder(held.at(), dirname(path), async (parent) => {
      return (await kindOfEntry(parent, basename(path))) === null;
    });
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return code === "ENOENT";
    throw error;
  }
};

/**
 * Makes the function that replaces files of one workload. Calls run one after the other. The same files as in
 * the last call are not written again, because a host calls it for each session after each change of a
 * configuration.
 */
export const fileReplacer = (
  folder: string,
  account: string | null,
  report: ReportMoved,
): Container["replaceFiles"] => {
  let last = "";
  let placing: ReturnType<Container["replaceFiles"]> = Promise.resolve(ok(null));
  return (files) => {
    const signature = createHash("sha256").update(signatureOf(files)).digest("hex");
    placing = placing.then(async () => {
      if (signature === last) return ok(null);
      const placed = await placeFiles({ ...files, folder }, account, report);
      last = placed.ok ? signature : "";
      return placed;
    });
    return placing;
  };
};
