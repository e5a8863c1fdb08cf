import { Buffer } from "node:buffer";
import { fstatSync, readSync, type Dirent, type Stats } from "node:fs";
import { readdir, readlink, type FileHandle } from "node:fs/promises";
import { inFolder, openEntry, sizeText, type HeldFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import type { BackupEntry, NotInIt } from "./manifest.ts";

/** What a walk does with an entry. It reads the bytes of a file before it returns. */
export type Visit = (entry: BackupEntry | NotInIt) => Promise<void>;

type Walk = {
  readonly root: string;
  readonly visit: Visit;
  /** False for an entry that is skipped without a word. */
  readonly isWanted: (path: string) => boolean;
};

/**
 * Visits each folder, file and link in a data folder. Agents and people can write in parts of it, so no link is followed,
 * also one that is put there meanwhile. What may not be read, and what is no file, is visited as `not-in-it`.
 */
export const walkFolder = (walk: Walk): Promise<void> => walkBelow(walk, "");

const walkBelow = async (walk: Walk, below: string): Promise<void> => {
  const { root, visit } = walk;
  const folders: string[] = [];
  let isHeld = false;
  try {
    await inFolder(root, below, async (folder) => {
      isHeld = true;
      const { mode, mtimeMs } = folder.facts;
      if (below !== "") await visit({ type: "folder", path: below, mode: mode & 0o7777, mtimeMs });
      const entries = await readdir(folder.at(), { withFileTypes: true });
      for (const entry of entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
        const path = below === "" ? entry.name : `${below}/${entry.name}`;
        if (!walk.isWanted(path)) continue;
        if (entry.isDirectory()) folders.push(path);
        else await visitEntry(folder, entry, path, visit);
      }
    });
  } catch (error) {
    // The root itself has to be readable. An error of `visit` is about the backup's own file.
    if (isHeld || below === "") throw error;
    await visitUnreadable(below, systemCode(error), visit);
  }
  for (const path of folders) await walkBelow(walk, path);
};

/** An entry that is gone was removed meanwhile, which is no loss. */
const visitUnreadable = async (path: string, code: string, visit: Visit): Promise<void> => {
  // Node reads a name of other bytes than UTF-8 with this letter in it, and then does not find it.
  if (code === "ENOENT" && !path.includes("\ufffd")) return;
  await visit({ type: "not-in-it", path, why: whyUnreadable[code] ?? `it cannot be read (${code})` });
};

const whyUnreadable: Readonly<Record<string, string>> = {
  EACCES: "this account may not read it",
  EPERM: "this account may not read it",
  ENOENT: "its name is not UTF-8",
  ENOTDIR: "it became something else while the folder was read",
  "not-a-file": "it is no file, folder or link, or it is a second name of another account's file",
};

const visitEntry = async (folder: HeldFolder, entry: Dirent, path: string, visit: Visit): Promise<void> => {
  if (entry.isSymbolicLink()) {
    const to = await readlink(folder.at(entry.name)).catch(systemErrorIn);
    return typeof to === "string" ? visit({ type: "link", path, to }) : visitUnreadable(path, to.code, visit);
  }
  if (!entry.isFile()) return visit({ type: "not-in-it", path, why: oddName(entry) });
  const handle = await openEntry(folder, entry.name).catch(systemErrorIn);
  if ("code" in handle) return visitUnreadable(path, handle.code, visit);
  try {
    await visitFile(handle, path, visit);
  } finally {
    await handle.close();
  }
};

const systemErrorIn = (error: unknown): { readonly code: string } => ({ code: systemCode(error) });

const oddName = (entry: Dirent): string =>
  `it is a ${entry.isFIFO() ? "named pipe" : entry.isSocket() ? "socket" : "device"}`;

/** A file of at most so many bytes is read as a whole, so its size is that of the bytes that were read. */
const smallBytes = 2 ** 20;

/** The bytes that are read at once from a larger file. */
const chunkBytes = 2 ** 20;

/** How often a small file is read again if a program writes to it meanwhile. */
const tries = 3;

const visitFile = async (handle: FileHandle, path: string, visit: Visit): Promise<void> => {
  let facts = fstatSync(handle.fd);
  if (isMostlyHoles(facts)) {
    const [size, used] = [sizeText(facts.size), sizeText(facts.blocks * 512)];
    return visit({
      type: "not-in-it",
      path,
      why: `it is a sparse file of ${size}, of which ${used} are used`,
    });
  }
  const fileOf = ({ mode, mtimeMs }: Stats) =>
    ({ type: "file", path, mode: mode & 0o7777, mtimeMs }) as const;
  if (facts.size <= smallBytes) {
    for (let tried = 1; ; tried += 1) {
      const bytes = readWhole(handle, facts.size);
      if ("code" in bytes) return visitUnreadable(path, bytes.code, visit);
      const after = fstatSync(handle.fd);
      const isSame = after.size === facts.size && after.mtimeMs === facts.mtimeMs;
      if (isSame || tried === tries || after.size > smallBytes)
        return visit({ ...fileOf(facts), size: bytes.byteLength, chunks: oneChunk(bytes) });
      facts = after;
    }
  }
  const { size } = facts;
  const read = { bytes: 0, code: null as string | null };
  await visit({ ...fileOf(facts), size, chunks: chunksOf(handle, size, read) });
  if (read.bytes === size) return;
  const why =
    read.code === null ? "it became shorter while it was read" : `it cannot be read further (${read.code})`;
  await visit({ type: "not-in-it", path, why: `${why}: from byte ${read.bytes} on, the backup has zeros` });
};

/** Sparse files up to this size are simply read, bytes. */
const sparseBytes = 2 ** 30;

/** True for a large file with little in it: reading terabytes of holes would take hours, and fill the backup's disk. */
const isMostlyHoles = ({ size, blocks }: Stats): boolean => size > sparseBytes && blocks * 512 < size / 10;

/** Of many small files, reading without promises takes half the time. */
const readWhole = (handle: FileHandle, size: number): Buffer | { readonly code: string } => {
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  try {
    while (at < size) {
      const bytesRead = readSync(handle.fd, bytes, at, size - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
  } catch (error) {
    return systemErrorIn(error);
  }
  return bytes.subarray(0, at);
};

export const oneChunk = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
};

/** Reads exactly `size` bytes. The rest of a file that became shorter, or that fails to be read, is zeros. */
const chunksOf = async function* (
  handle: FileHandle,
  size: number,
  read: { bytes: number; code: string | null },
): AsyncGenerator<Uint8Array> {
  let isReadable = true;
  for (let at = 0; at < size;) {
    const most = Math.min(chunkBytes, size - at);
    const chunk = Buffer.alloc(most);
    if (isReadable) {
      const part = await handle.read(chunk, 0, most, at).catch(systemErrorIn);
      const bytesRead = "code" in part ? 0 : part.bytesRead;
      if ("code" in part) read.code = part.code;
      read.bytes += bytesRead;
      isReadable = bytesRead > 0;
      if (bytesRead > 0 && bytesRead < most) {
        at += bytesRead;
        yield chunk.subarray(0, bytesRead);
        continue;
      }
    }
    at += most;
    yield chunk;
  }
};
