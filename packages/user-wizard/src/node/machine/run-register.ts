import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { systemCode, type Result } from "@gatehouse/std";
import type { FileError, RunRegister } from "../../ports.ts";
import { realFiles } from "./real-files.ts";

/** Only root may change these folders. On macOS `/var` is a link, and no link is followed here. */
const folders = { linux: "/var/lib/gatehouse-users", darwin: "/private/var/db/gatehouse-users" } as const;

/** The register of this machine. */
export const machineRegister = (platform: keyof typeof folders): RunRegister =>
  openRunRegister(folders[platform]);

/**
 * A register in this folder: a file for each users.yaml whose run is open. The service owns the folder of
 * users.yaml and can move a journal away and back, so the journal alone does not prove that its run is open.
 */
export const openRunRegister = (folder: string): RunRegister => {
  const pathOf = (usersFile: string): string =>
    join(folder, `${createHash("sha256").update(usersFile).digest("hex")}.json`);
  return {
    pathOf,
    openRun: async (usersFile) => {
      const path = pathOf(usersFile);
      const looked = await realFiles.look(path);
      if (!looked.ok || looked.value === null) return looked.ok ? { ok: true, value: null } : looked;
      const safe = await checkFolder(folder);
      if (!safe.ok) return safe;
      const read = await realFiles.read(path);
      return read.ok ? runIn(read.value.text, path) : read;
    },
    begin: async (usersFile, run) => {
      const made = await makeFolder(folder);
      if (!made.ok) return made;
      const path = pathOf(usersFile);
      const fresh = `${path}.new`;
      const cleared = await removed(fresh);
      if (!cleared.ok) return cleared;
      const text = `${JSON.stringify({ version: 1, run, usersFile })}\n`;
      const created = await realFiles.create(fresh, text, { ...self(), mode: 0o644 });
      return created.ok ? realFiles.rename(fresh, path) : created;
    },
    end: (usersFile) => removed(pathOf(usersFile)),
  };
};

const self = () => ({ uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1 });

const fail = (call: string, errno: string, path: string): Result<never, FileError> => ({
  ok: false,
  error: { code: "file-error", errno, call, path },
});

const runIn = (text: string, path: string): Result<string, FileError> => {
  const found = /^\{"version":1,"run":"([^"]+)"/.exec(text)?.[1];
  return found === undefined ? fail("read", "EINVAL", path) : { ok: true, value: found };
};

const removed = async (path: string): Promise<Result<void, FileError>> => {
  const gone = await realFiles.remove(path);
  return gone.ok || gone.error.errno !== "ENOENT" ? gone : { ok: true, value: undefined };
};

const makeFolder = async (folder: string): Promise<Result<void, FileError>> => {
  try {
    await mkdir(folder, { mode: 0o755 });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") return fail("make", systemCode(error), folder);
  }
  return checkFolder(folder);
};

/** An account that could change the folder could put a finished run on record again. */
const checkFolder = async (folder: string): Promise<Result<void, FileError>> => {
  const looked = await realFiles.look(folder);
  if (!looked.ok) return looked;
  const { kind, uid, mode } = looked.value ?? { kind: "other", uid: -1, mode: 0 };
  const isSafe = kind === "directory" && uid === self().uid && (mode & 0o022) === 0;
  return isSafe ? { ok: true, value: undefined } : fail("use", "EPERM", folder);
};
