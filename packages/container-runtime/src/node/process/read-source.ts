import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileSource } from "../../files-in.ts";

/**
 * The bytes of a file of the host. Follows no link. Fails with ESTALE if the file has another size or time
 * than given, because another program may write to its folder.
 */
export const readSource = async ({ source, size, mtimeMs }: FileSource): Promise<Uint8Array> => {
  const handle = await open(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size !== size || stat.mtimeMs !== mtimeMs) throw changed(source);
    const buffer = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await handle.read(buffer, at, size - at, at);
      if (bytesRead === 0) throw changed(source);
      at += bytesRead;
    }
    return buffer;
  } finally {
    await handle.close();
  }
};

/** An error with a code like a system error, so that callers handle both in one place. */
const changed = (source: string): Error =>
  Object.assign(new Error(`${source} changed while it was read`), { code: "ESTALE" });
