import { statfs } from "node:fs/promises";

/** The space of the disk of a folder, bytes. */
export type DiskSpace = {
  readonly free: number;
  readonly total: number;
  /** Below this the disk is nearly full: 512 MiB, of a small disk a tenth. */
  readonly low: number;
  /** True also if the disk has room for few more files. */
  readonly isLow: boolean;
};

const mebibyte = 2 ** 20;

/** Below this many free inodes a disk is nearly full, and below a twentieth of a small disk's. */
const fewFiles = 10_000;

/** Reads the space that an account without extra rights has on the disk of a folder. Throws system errors. */
export const diskSpace = async (folder: string): Promise<DiskSpace> => {
  const { bavail, blocks, bsize, ffree, files } = await statfs(folder);
  const [free, total] = [bavail * bsize, blocks * bsize];
  const low = Math.min(512 * mebibyte, total / 10);
  // Some file systems have no fixed number of files, and report 0.
  const hasFewFiles = files > 0 && ffree < Math.min(fewFiles, files / 20);
  return { free, total, low, isLow: free < low || hasFewFiles };
};

/** The space in words: `12.0 GB of 50.0 GB free`. */
export const spaceText = ({ free, total }: Pick<DiskSpace, "free" | "total">): string =>
  `${sizeText(free)} of ${sizeText(total)} free`;

/** A size in words: `1.5 GB`, `20 MB`. */
export const sizeText = (bytes: number): string =>
  bytes < 1024 * mebibyte
    ? `${Math.floor(bytes / mebibyte)} MB`
    : `${(bytes / 1024 / mebibyte).toFixed(1)} GB`;

/** What an operator does about a disk that is nearly full. */
export const lowDiskFix = "free space, or move the data folder to a larger disk";
