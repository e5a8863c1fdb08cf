import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  isFolderName,
  namedFiles,
  safeFileName,
  type ReceivedInbound,
  type TransportResult,
} from "@gatehouse/session-rows/messages";
import type { FileClient } from "@gatehouse/wire/runner";
import type { Calls } from "./loop/calls.ts";

/** Fetches the files of received messages, before the agent gets the messages. */
export type FetchFiles = (messages: readonly ReceivedInbound[]) => Promise<void>;

/**
 * Stores files by message in a folder that only this account can enter. A file that the host does not have
 * any more is left out: the agent finds no file at its path.
 */
export const inboxIn =
  (folder: string, files: Pick<FileClient, "get">, calls: Pick<Calls, "persist">): FetchFiles =>
  async (messages) => {
    for (const { id, content } of messages)
      for (const { name, problem } of namedFiles(content)) {
        const path = join(folder, id, safeFileName(name));
        if (problem !== null || !isFolderName(id) || existsSync(path)) continue;
        await mkdir(join(folder, id), { recursive: true, mode: 0o700 });
        await calls.persist(() => fetched(files, id, name, path));
      }
  };

const fetched = async (
  files: Pick<FileClient, "get">,
  messageId: string,
  name: string,
  path: string,
): Promise<TransportResult<null>> => {
  const got = await files.get(messageId, name, path);
  return got.ok || got.error.code !== "unreadable" ? got : { ok: true, value: null };
};
