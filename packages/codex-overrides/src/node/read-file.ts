import { constants, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { type Result, systemCode } from "@gatehouse/std";

/** The bytes of a file, and the status of the same open file. */
export type FileRead = { readonly bytes: Buffer; readonly stat: Stats };

/** A larger file is not read: a person would not write one, and a text cannot hold much more. */
const mostBytes = 16 * 1_048_576;

/**
 * Opens a file without blocking, because a named pipe in its place would otherwise block the reader forever.
 */
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

/**
 * Reads a whole file, or returns the system's error code. An entry that is not a file is an error, without
 * waiting.
 */
export const readWholeFile = async (file: string): Promise<Result<FileRead, string>> => {
  const handle = await openToRead(file);
  return handle.ok ? readOpened(handle.value) : handle;
};
