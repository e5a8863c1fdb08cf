import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { lstat, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { inFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** Most bytes that are kept for the host. A host without agents writes little: messages, and its log. */
const mostReserve = 64 * 2 ** 20;

/** The file that keeps space of a disk for the host: agents cannot use it, and the host removes it when the disk is full. */
export const reserveIn = (dataDir: string) => {
  const file = join(dataDir, "disk-reserve");
  return {
    /** Bytes of the reserve on a disk of this size. */
    bytesOf: (total: number): number => Math.floor(Math.min(mostReserve, total / 10)),
    isThere: (): Promise<boolean> => lstat(file).then((facts) => facts.size > 0, isMissing),
    /** Throws system errors. */
    make: async (bytes: number): Promise<void> => {
      try {
        await takeSpace(file, bytes);
      } catch (error) {
        await rm(file, { force: true });
        throw error;
      }
    },
    release: (): Promise<void> => rm(file, { force: true }),
  };
};

const isMissing = (error: unknown): false => {
  if (systemCode(error) !== "ENOENT") throw error;
  return false;
};

const pieceBytes = 2 ** 20;

/** Takes blocks of the disk. fallocate(1) writes nothing; where it is missing or refused, the blocks are written. */
const takeSpace = async (file: string, bytes: number): Promise<void> => {
  await rm(file, { force: true });
  const handle = await open(file, "wx", 0o600);
  try {
    const isTaken = await promisify(execFile)("fallocate", ["--length", String(bytes), file]).then(
      () => true,
      () => false,
    );
    if (isTaken) return;
    // Zeros would take no space on a file system that compresses.
    const piece = randomBytes(pieceBytes);
    for (let at = 0; at < bytes; at += pieceBytes)
      await handle.write(piece, 0, Math.min(pieceBytes, bytes - at), at);
  } finally {
    await handle.close();
  }
};

/** Most entries that are looked at in a folder: a few seconds of work. */
const mostEntries = 200_000;

/** Bytes that every entry counts: a disk is filled by many empty files, too. */
const bytesOfEntry = 4_096;

/**
 * Returns the bytes on disk of files in a folder that were changed since a time, ms since the epoch. The time of the change
 * (ctime) is the kernel's: an agent cannot set it. Follows no link. Zero for a folder that does not exist.
 */
export const writtenSince = async (root: string, since: number): Promise<number> => {
  const left = [""];
  let [bytes, seen] = [0, 0];
  for (let below = left.pop(); below !== undefined && seen < mostEntries; below = left.pop()) {
    const here = below;
    await inFolder(root, here, async (folder) => {
      for (const entry of await readdir(folder.at(), { withFileTypes: true })) {
        seen += 1;
        if (seen > mostEntries) return;
        if (entry.isDirectory()) left.push(join(here, entry.name));
        const facts = await lstat(folder.at(entry.name)).catch(systemCode);
        if (typeof facts !== "string" && facts.ctimeMs >= since) bytes += facts.blocks * 512 + bytesOfEntry;
      }
    }).catch(systemCode);
  }
  return bytes;
};
