import { constants, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { type Result, systemCode } from "@gatehouse/std";

/** A file's bytes, and what the system said of the very file they come from. */
export type FileRead = { readonly bytes: Buffer; readonly stat: Stats };

/** A file of more bytes is not read: nobody wrote it by hand, and a text cannot hold much more. */
const mostBytes = 16 * 1_048_576;

/** Opened without blocking: a named pipe in the file's place would otherwise hold the reader for ever. */
const openToRead = async (file: string): Promise<Result<FileHandle, string>> => {
  try {
    return { ok: true, value: await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)) };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  }
};

const readOpened = async (handle: FileHandle): Promise<Result<FileRead, string>> => {
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return { ok: false, error: stat.isDirectory() ? "EISDIR" : "not a file" };
    if (stat.size > mostBytes) return { ok: false, error: "EFBIG" };
    return { ok: true, value: { stat, bytes: await handle.readFile() } };
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  } finally {
    await handle.close();
  }
};

/** A whole file, or the system's code; what is no file is an error, and never waited for. */
export const readWholeFile = async (file: string): Promise<Result<FileRead, string>> => {
  const handle = await openToRead(file);
  return handle.ok ? readOpened(handle.value) : handle;
};
