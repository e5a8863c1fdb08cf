import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, copyFile, link, open, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { safeFileName } from "@nc/session-db";
import type { ShownFile, ShownMessage } from "../local/frames.ts";

/** A file that came with a message: where it is now, and why that is not where it was to be saved. */
export type ReceivedFile = ShownFile & { readonly problem?: string };

/** A message whose files were saved. */
export type ReceivedMessage = Omit<ShownMessage, "files"> & { readonly files?: readonly ReceivedFile[] };

/** Names tried for one file, the first as it is: `2-report.pdf` is the second. */
const mostNames = 1000;

/**
 * Copies the files of a message into a folder, each whole or not at all, and over no other file. One that cannot
 * be saved stays where it is.
 */
export const saveFiles = async (
  folder: string,
  files: readonly ShownFile[],
): Promise<readonly ReceivedFile[]> => {
  const saved: ReceivedFile[] = [];
  for (const file of files) {
    try {
      saved.push({ ...file, path: await saveOne(resolve(folder), file) });
    } catch (error) {
      const problem = `it cannot be saved in ${visible(folder)} (${systemCode(error)})`;
      saved.push({ ...file, problem });
    }
  }
  return saved;
};

/** Looks whether files may be saved in a folder. The error is a sentence. */
export const lookAtFolder = async (folder: string): Promise<Result<null, string>> => {
  try {
    // Only a folder has a "." in it.
    await access(`${resolve(folder)}/.`, constants.W_OK | constants.X_OK);
    return ok(null);
  } catch (error) {
    return fail(`Files cannot be saved in ${visible(folder)} (${systemCode(error)}).`);
  }
};

const saveOne = async (folder: string, file: ShownFile): Promise<string> => {
  const aside = join(folder, `.${randomUUID()}.part`);
  try {
    await copyFile(file.path, aside, constants.COPYFILE_EXCL);
    const written = await open(aside, "r");
    await written.sync().finally(() => written.close());
    return await linkAs(folder, safeFileName(file.name), aside);
  } finally {
    await rm(aside, { force: true });
  }
};

/** A link is never made over a file that is there. */
const linkAs = async (folder: string, name: string, aside: string): Promise<string> => {
  for (let count = 1; ; count += 1) {
    const path = join(folder, count === 1 ? name : `${count}-${name}`);
    try {
      await link(aside, path);
      return path;
    } catch (error) {
      if (systemCode(error) !== "EEXIST" || count === mostNames) throw error;
    }
  }
};

/** What is said of a file: its name, its size, and where it is. */
export const fileText = ({ name, size, path, problem }: ReceivedFile): string =>
  `${visible(name)} (${size} bytes): ${visible(path)}${problem === undefined ? "" : `; ${problem}`}`;
