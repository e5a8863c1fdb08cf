import type { Socket } from "node:net";
import { drained } from "@gatehouse/socket-server";
import { systemCode, visible } from "@gatehouse/std";
import { chunkBytes, type Chunk, type Said } from "../local/frames.ts";
import type { LocalFile, OpenFile } from "./local-file.ts";

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
      const opened = await file.open();
      const isWhole = await sendFile(socket, { id: said.id, file: index }, opened, {
        ...file,
        isWanted,
      }).finally(() => opened.close());
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
  opened: OpenFile,
  { size, isWanted }: Wanted,
): Promise<boolean> => {
  if ((await opened.size()) !== size) return false;
  for (let at = 0; at < size && isWanted();) {
    const bytes = await opened.read(at, Math.min(chunkBytes, size - at));
    if (bytes.length === 0) return false;
    const data = bytes.toString("base64");
    await write(socket, { type: "chunk", ...where, at, data } satisfies Chunk);
    at += bytes.length;
  }
  return true;
};

/** Resolves when more may be written, or the connection is gone. */
const write = async (socket: Socket, frame: Chunk | Said): Promise<void> => {
  if (!socket.destroyed && !socket.write(`${JSON.stringify(frame)}\n`)) await drained(socket);
};
