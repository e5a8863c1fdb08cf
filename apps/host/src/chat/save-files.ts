import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, copyFile, link, open, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { safeFileName } from "@gatehouse/session-rows/messages";
import type { ShownFile, ShownMessage } from "@gatehouse/channels/client";

/** A received file with its current path, and the problem if it could not be saved. */
export type ReceivedFile = ShownFile & { readonly problem?: string };

/** A message whose files were saved. */
export type ReceivedMessage = Omit<ShownMessage, "files"> & { readonly files?: readonly ReceivedFile[] };

/** Most names that are tried for one file: the original, then `2-report.pdf` and so on. */
const mostNames = 1000;

/**
 * Copies the files of a message into a folder, each completely or not at all, without overwriting any. A file
 * that cannot be saved stays where it is.
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

/** Checks whether files can be saved in a folder. The error is a sentence. */
export const checkFolder = async (folder: string): Promise<Result<null, string>> => {
  try {
    // The path with "." exists only if the path is a folder.
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

/** Making a link fails if the name exists, so no file is overwritten. */
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

/** The text about a file: name, size and path. */
export const fileText = ({ name, size, path, problem }: ReceivedFile): string =>
  `${visible(name)} (${size} bytes): ${visible(path)}${problem === undefined ? "" : `; ${problem}`}`;
