import { access, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { paintFor, printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { runInFolder } from "@gatehouse/data-folder";
import { dataFolder } from "@gatehouse/fs-kit";
import {
  changeAllowList,
  explainAllowList,
  readAllowList,
  withDenied,
  withFolder,
  type Access,
  type AllowedFolder,
} from "@gatehouse/mounts";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { findMount } from "@nc/container-config/node";

/** The flags of all `gatehouse mounts` commands, parsed. */
export type MountsFlags = { readonly data?: string; readonly json?: boolean };

/** `--rw`: containers may write to the folder. */
export type AllowFlags = MountsFlags & { readonly rw?: boolean };

/** `gatehouse mounts allow`. Returns the exit code. */
export const allowCommand = (typed: string, flags: AllowFlags, io: Io): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
    const mayWrite = flags.rw === true;
    const found = await folderAt(resolve(io.cwd, typed), mayWrite, dataDir);
    if (!found.ok) return found;
    const folder: AllowedFolder = { path: found.value, access: mayWrite ? "write" : "read" };
    const changed = await changeAllowList(dataDir, (list) => ({
      ...list,
      folders: withFolder(list.folders, folder),
    }));
    if (!changed.ok) return fail(explainAllowList(changed.error));
    const text = `${paintFor(io).good("allowed")} ${folder.path} ${accessText[folder.access]}; to mount it: ncl groups config add-mount`;
    const act = { command: "mounts allow", args: { path: folder.path, access: folder.access } };
    return ok({ document: folder, text, act });
  });

/** `gatehouse mounts deny`. Returns the exit code. */
export const denyCommand = (typed: string, flags: MountsFlags, io: Io): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
    const path = await realOf(resolve(io.cwd, typed));
    const changed = await changeAllowList(dataDir, (list) => ({
      ...list,
      folders: withDenied(list.folders, path),
    }));
    if (!changed.ok) return fail(explainAllowList(changed.error));
    const { before, after } = changed.value;
    const isDenied = JSON.stringify(before) !== JSON.stringify(after);
    if (!isDenied && !(await isThere(path))) return fail(notListed(path));
    const text = `${paintFor(io).good("denied")} ${path}; an agent that runs with it keeps it until it ends: ncl groups restart`;
    const act = { command: "mounts deny", args: { path } };
    return ok({ document: { path, access: "none" }, text, ...(isDenied ? { act } : {}) });
  });

/** `gatehouse mounts list`. Returns the exit code. */
export const listCommand = async (flags: MountsFlags, io: Io): Promise<number> => {
  const read = await readAllowList(dataFolder(io.env, flags.data));
  if (!read.ok) {
    printFailure(io, flags.json ?? false, explainAllowList(read.error));
    return 1;
  }
  const folders = read.value?.folders ?? [];
  if (flags.json === true) printJson(io, { ok: true, folders });
  else if (folders.length === 0) io.stdout.write("No folder may be mounted: gatehouse mounts allow --help\n");
  else for (const { path, access } of folders) io.stdout.write(`${accessText[access].padEnd(13)} ${path}\n`);
  return 0;
};

const accessText: Readonly<Record<Access, string>> = {
  read: "read-only",
  write: "to write to",
  none: "not allowed",
};

/** Returns the real path of a folder or file. Refuses keys, homes and system folders, which no container may mount. */
const folderAt = async (
  hostPath: string,
  mayWrite: boolean,
  dataDir: string,
): Promise<Result<string, Failure>> => {
  const mount = { hostPath, containerPath: "allowed", readonly: !mayWrite };
  const found = await findMount(mount, { dataDir, home: homedir() });
  if (found.ok) return ok(found.value.hostPath);
  const problems = found.error.problems.map(({ problem }) => problem);
  return fail({
    code: "mount-refused",
    message: `${hostPath} may not be mounted: it ${problems.join("; it ")}.`,
    fix: "allow another folder, such as /srv/notes",
  });
};

/** Returns the real path. For a missing folder, resolves its nearest existing parent and appends the rest. */
const realOf = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    systemCode(error);
    return dirname(path) === path ? path : join(await realOf(dirname(path)), basename(path));
  }
};

const isThere = async (path: string): Promise<boolean> => {
  try {
    await access(path);
    return true;
  } catch (error) {
    systemCode(error);
    return false;
  }
};

const notListed = (path: string): Failure => ({
  code: "not-listed",
  message: `${path} does not exist, and the list does not name it: nothing was changed.`,
  fix: "choose a folder of gatehouse mounts list",
});
