import { Buffer } from "node:buffer";
import type { FileHandle } from "node:fs/promises";
import type { Socket } from "node:net";
import { openPlainFile } from "@gatehouse/fs-kit";
import { drained } from "@gatehouse/socket-server";
import { systemCode, visible } from "@gatehouse/std";
import { chunkBytes, type Chunk, type Said } from "../local/frames.ts";
import type { LocalFile } from "./local-file.ts";

/**
 * Sends a message after its files, chunk by chunk, as fast as the host reads them. Stops when it is not
 * wanted any more. Returns why the message cannot be sent, a sentence, or null.
 */
export const sendSaid = async (
  socket: Socket,
  said: Said,
  files: readonly LocalFile[],
  isWanted: () => boolean,
): Promise<string | null> => {
  for (const [index, file] of files.entries()) {
    try {
      const handle = await openPlainFile(file.path);
      const isWhole = await sendFile(socket, { id: said.id, file: index }, handle, {
        ...file,
        isWanted,
      }).finally(() => handle.close());
      if (!isWhole)
        return `${visible(file.name)} was changed after it was attached; the message was not sent.`;
    } catch (error) {
      return `${visible(file.name)} cannot be read (${systemCode(error)}); the message was not sent.`;
    }
  }
  if (isWanted()) await write(socket, said);
  return null;
};

type Wanted = { readonly size: number; readonly isWanted: () => boolean };

/** False if the file's size has changed. */
const sendFile = async (
  socket: Socket,
  where: Pick<Chunk, "id" | "file">,
  handle: FileHandle,
  { size, isWanted }: Wanted,
): Promise<boolean> => {
  if ((await handle.stat()).size !== size) return false;
  for (let at = 0; at < size && isWanted();) {
    const bytes = Buffer.alloc(Math.min(chunkBytes, size - at));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, at);
    if (bytesRead === 0) return false;
    const data = bytes.toString("base64", 0, bytesRead);
    await write(socket, { type: "chunk", ...where, at, data } satisfies Chunk);
    at += bytesRead;
  }
  return true;
};

/** Resolves when more may be written, or the connection is gone. */
const write = async (socket: Socket, frame: Chunk | Said): Promise<void> => {
  if (!socket.destroyed && !socket.write(`${JSON.stringify(frame)}\n`)) await drained(socket);
};
