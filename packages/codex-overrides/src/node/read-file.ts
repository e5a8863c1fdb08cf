import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { type Result, systemCode } from "@gatehouse/std";

/** The bytes of a file, and the status of the same open file. */
export type FileRead = { readonly bytes: Buffer; readonly stat: Stats };

/** A larger file is not read: a person would not write one, and a text cannot hold much more. */
const maxBytes = 16 * 1_048_576;

/**
 * Reads a whole file, or returns the system's error code. An entry that is not a file is an error: it
 * is opened without blocking, because a named pipe would otherwise block the reader forever. It reads synchronously:
 * for some kilobytes the thread pool takes ten times as long, and more on a busy machine.
 */
export const readWholeFile = async (file: string): Promise<Result<FileRead, string>> => {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      return readOpened(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return { ok: false, error: systemCode(error) };
  }
};

const readOpened = (descriptor: number): Result<FileRead, string> => {
  const stat = fstatSync(descriptor);
  if (!stat.isFile()) return { ok: false, error: stat.isDirectory() ? "EISDIR" : "not a file" };
  if (stat.size > maxBytes) return { ok: false, error: "EFBIG" };
  return { ok: true, value: { stat, bytes: readFileSync(descriptor) } };
};
