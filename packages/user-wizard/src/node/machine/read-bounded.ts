import type { FileHandle } from "node:fs/promises";

/** Bytes of each read behind the size that the file had: it is being written to, or its size says nothing (procfs). */
const portion = 64 * 1024;

/** All bytes of an open file; null where there are more than so many, although its size may have said otherwise. */
export const readBounded = async (handle: FileHandle, most: number): Promise<Uint8Array | null> => {
  const { size } = await handle.stat();
  if (size > most) return null;
  const portions: Uint8Array[] = [];
  for (let total = 0, room = size + 1; total <= most; room = portion) {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(room), 0, room, null);
    if (bytesRead === 0) return Buffer.concat(portions);
    portions.push(buffer.subarray(0, bytesRead));
    total += bytesRead;
  }
  return null;
};

/** Works with an open file and closes it. */
export const closing = async <T>(handle: FileHandle, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } finally {
    await handle.close();
  }
};
