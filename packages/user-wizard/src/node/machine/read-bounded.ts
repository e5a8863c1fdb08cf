import type { FileHandle } from "node:fs/promises";

/**
 * Bytes of each read past the file's reported size: the file is still growing, or its size means nothing
 * (procfs).
 */
const portion = 64 * 1024;

/** All bytes of an open file; null if there are more than `most`, even if its reported size was smaller. */
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
