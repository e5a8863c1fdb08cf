import type { FileHandle } from "node:fs/promises";
import { systemCode } from "@gatehouse/std";

/** All bytes of an open file; null if there are more than `most`, even if its reported size is smaller (procfs). */
export const readBounded = async (handle: FileHandle, most: number): Promise<Uint8Array | null> => {
  const portions: Buffer[] = [];
  // `end` is the offset of the last byte that is read, so this reads at most one byte too many.
  for await (const portion of handle.createReadStream({ end: most, autoClose: false }))
    portions.push(portion as Buffer);
  const bytes = Buffer.concat(portions);
  return bytes.length > most ? null : bytes;
};

/** Works with an open file and closes it. */
export const closing = async <T>(handle: FileHandle, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } finally {
    await handle.close();
  }
};

/** Decodes UTF-8, and keeps a byte order mark. Throws `EILSEQ` for other bytes. */
export const strictText = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw Object.assign(new Error(systemCode(error)), { code: "EILSEQ" });
  }
};
