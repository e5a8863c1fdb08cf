import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { makeSession } from "./make-session.ts";
import { type SessionPaths, pathsOf } from "./paths.ts";

const chunkBytes = 1_048_576;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Makes a session's folder ready for a container that runs as this account; null for the host's own. Call it
 * before each start, while no container runs. Where the last one ran as another account, which owns what it
 * wrote, its outbound.db is put aside for the next one to copy. The error is the system's code.
 */
export const handOverSession = async (
  folder: string,
  account: string | null,
): Promise<Result<null, string>> => {
  const paths = pathsOf(folder);
  const isShared = account !== null;
  const mark = join(paths.in, "account");
  try {
    makeSession(paths, isShared);
    if (isShared) makeSharedOutbox(paths.outbox);
    if (lastAccount(mark) === (account ?? "")) return ok(null);
    chmodSync(paths.in, isShared ? 0o755 : 0o700);
    chmodSync(paths.out, isShared ? 0o1777 : 0o700);
    chmodSync(paths.inbound, isShared ? 0o644 : 0o600);
    await putAside(paths, isShared);
    // The next account could not touch them: it would seem to be stuck, and not be heard.
    rmSync(paths.heartbeat, { force: true });
    for (const doorbell of [paths.inDoorbell, paths.outDoorbell])
      if (isPlainFile(doorbell)) rmSync(doorbell, { force: true });
    makeSession(paths, isShared);
    writeFileSync(mark, account ?? "", { mode: 0o600 });
    return ok(null);
  } catch (error) {
    return fail(systemCode(error));
  }
};

/**
 * The host's, so that accounts which run other sessions can neither list it nor put another in its
 * place. One that an earlier runner made stays as it is.
 */
const makeSharedOutbox = (path: string): void => {
  if (!isThere(path)) mkdirSync(path, { mode: 0o700 });
  const { uid, mode } = lstatSync(path);
  if (uid === process.getuid?.() && (mode & 0o170000) === 0o040000) chmodSync(path, 0o1733);
};

/** The account of the last container; that of the host before the first one. */
const lastAccount = (mark: string): string => {
  try {
    return readFileSync(mark, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  }
};

/**
 * A hot journal belongs to the pages, so both go. The journal is copied first: a copied file is
 * complete.
 */
const putAside = async (paths: SessionPaths, isShared: boolean): Promise<void> => {
  if (!isPlainFile(paths.outbound)) return;
  rmSync(paths.handedOver, { recursive: true, force: true });
  mkdirSync(paths.handedOver, { mode: 0o711 });
  for (const suffix of ["-journal", ""])
    if (isPlainFile(`${paths.outbound}${suffix}`))
      await copyPlainFile(
        `${paths.outbound}${suffix}`,
        join(paths.handedOver, `outbound.db${suffix}`),
        isShared ? 0o644 : 0o600,
      );
  for (const suffix of ["", "-journal"]) rmSync(`${paths.outbound}${suffix}`, { force: true });
};

/**
 * Makes the container's file of the one that its predecessor of another account left. The container calls it
 * where it has none. The host may read it, whatever the umask is.
 */
export const takeOver = (paths: SessionPaths): void => {
  if (isThere(paths.outbound)) return;
  const mode = isOfAnother(paths.in) ? 0o644 : 0o600;
  const left = join(paths.handedOver, "outbound.db");
  if (isPlainFile(left)) {
    rmSync(`${paths.outbound}-journal`, { force: true });
    for (const suffix of ["-journal", ""])
      if (isPlainFile(`${left}${suffix}`)) copyFileSync(`${left}${suffix}`, `${paths.outbound}${suffix}`);
  } else if (mode === 0o644) closeSync(openSync(paths.outbound, "wx", mode));
  else return;
  chmodSync(paths.outbound, mode);
};

/** Whether this process runs as another account than the host. */
const isOfAnother = (path: string): boolean => {
  const there = lstatSync(path, { throwIfNoEntry: false });
  return there !== undefined && there.uid !== process.getuid?.();
};

const copyPlainFile = async (from: string, to: string, mode: number): Promise<void> => {
  const source = await open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = await source.stat();
    if (!stat.isFile() || stat.nlink !== 1) return;
    const target = await open(to, "wx", mode);
    try {
      await target.chmod(mode);
      const chunk = Buffer.alloc(Math.min(chunkBytes, stat.size));
      for (let at = 0; at < stat.size;) {
        const { bytesRead } = await source.read(chunk, 0, Math.min(chunk.length, stat.size - at), at);
        if (bytesRead === 0) break;
        await target.write(chunk, 0, bytesRead, at);
        at += bytesRead;
      }
      await target.sync();
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
};

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

const isPlainFile = (path: string): boolean => {
  const there = lstatSync(path, { throwIfNoEntry: false });
  return there?.isFile() === true && there.nlink === 1;
};
