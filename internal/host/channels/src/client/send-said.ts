import type { Socket } from "node:net";
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
      if (!(await sendFile(socket, { id: said.id, file: index }, file, isWanted)))
        return `${visible(file.name)} was changed after it was attached; the message was not sent.`;
    } catch (error) {
      return `${visible(file.name)} cannot be read (${systemCode(error)}); the message was not sent.`;
    }
  }
  if (isWanted()) await write(socket, said);
  return null;
};

/** False if the file's size has changed. */
const sendFile = async (
  socket: Socket,
  where: Pick<Chunk, "id" | "file">,
  { size, content }: LocalFile,
  isWanted: () => boolean,
): Promise<boolean> => {
  let at = 0;
  for await (const part of content()) {
    if (at + part.length > size) return false;
    for (let from = 0; from < part.length; from += chunkBytes) {
      if (!isWanted()) return true;
      const data = Buffer.from(part.subarray(from, from + chunkBytes)).toString("base64");
      await write(socket, { type: "chunk", ...where, at: at + from, data } satisfies Chunk);
    }
    at += part.length;
  }
  return at === size;
};

/** Resolves when more may be written, or the connection is gone. */
const write = async (socket: Socket, frame: Chunk | Said): Promise<void> => {
  if (!socket.destroyed && !socket.write(`${JSON.stringify(frame)}\n`)) await drained(socket);
};
