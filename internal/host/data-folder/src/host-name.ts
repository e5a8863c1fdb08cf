import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { HostName } from "@gatehouse/intents";
import { systemCode } from "@gatehouse/std";

/** The file with the id of a data folder. */
export const folderIdName = "folder-id";

/**
 * Makes the name of this process among the hosts of a database. The prefix stands for the data folder. A data folder has one
 * host at a time, so all other hosts with the same prefix have ended. Call it with the folder claimed.
 */
export const hostNameOf = (dataDir: string): HostName => {
  const place = createHash("sha256")
    .update(`${hostname()}\0${folderIdIn(dataDir)}`)
    .digest("hex");
  const prefix = `${place.slice(0, 16)}-`;
  return { name: `${prefix}${process.pid}-${randomUUID()}`, prefix };
};

/**
 * The id of a data folder: another machine may have a folder at the same path, and the same hostname. A copy of the folder gets
 * an id of its own, because the file of the id has another inode there.
 */
const folderIdIn = (dataDir: string): string => {
  const file = join(dataDir, folderIdName);
  const kept = keptId(file);
  if (kept !== null) return kept;
  rmSync(file, { force: true });
  const id = randomUUID();
  const opened = openSync(file, "wx", 0o600);
  try {
    writeFileSync(opened, `${id} ${inodeOf(opened)}\n`);
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
  return id;
};

/** Null without the file, and for a copy of it or a torn one. */
const keptId = (file: string): string | null => {
  let opened: number;
  try {
    opened = openSync(file, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
  try {
    const [id = "", inode] = readFileSync(opened, "utf8").trim().split(" ");
    return inode === inodeOf(opened) ? id : null;
  } finally {
    closeSync(opened);
  }
};

const inodeOf = (opened: number): string => String(fstatSync(opened, { bigint: true }).ino);

/** An id that distinguishes this data folder's containers from those of other data folders on the machine. */
export const installOf = (dataDir: string): string =>
  createHash("sha256").update(realpathSync(dataDir)).digest("hex").slice(0, 16);
