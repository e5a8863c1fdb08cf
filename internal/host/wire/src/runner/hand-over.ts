import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { namedFiles } from "@gatehouse/session-rows/messages";
import { isFolderName, safeFileName } from "@gatehouse/session-rows/messages";
import type { AgentSide, Committed, TransportResult } from "@gatehouse/session-rows/messages";
import type { RunnerFrame } from "../frames.ts";
import type { FileClient } from "./fetch-files.ts";

type Work = Parameters<AgentSide["commit"]>[0];

/** Work that an agent has done, in the form of its frame. */
export type Entry = Extract<RunnerFrame, { readonly type: "commit" | "set" }>;

export type HandOver = (side: AgentSide, entry: Entry) => Promise<TransportResult<Committed>>;

/**
 * Sends work to the host: first the files of a message, which are in the folder `staged`, then the message
 * that names them.
 */
export const handingOver =
  (staged: string, files: Pick<FileClient, "put">): HandOver =>
  async (side, entry) => {
    if (entry.type === "set") return side.set(entry.key, entry.value, entry.now);
    const messages = entry.messages.filter(({ content }) => namedFiles(content).length > 0);
    if (messages.length === 0) return side.commit(entry);
    const given = await giveFiles(staged, files, messages);
    const result = given.ok ? await side.commit(entry) : given;
    if (result.ok) await removeFiles(staged, messages);
    return result;
  };

/**
 * A file that the host refuses permanently is left out; the host then tells the agent that the file is
 * missing.
 */
const giveFiles = async (
  staged: string,
  files: Pick<FileClient, "put">,
  messages: Work["messages"],
): Promise<TransportResult<null>> => {
  for (const { id, content } of messages)
    for (const { name } of namedFiles(content)) {
      const path = join(staged, id, name);
      if (!isFolderName(id) || safeFileName(name) !== name || !existsSync(path)) continue;
      const put = await files.put(id, name, path);
      if (!put.ok && put.error.code !== "unreadable") return put;
    }
  return { ok: true, value: null };
};

const removeFiles = async (staged: string, messages: Work["messages"]): Promise<void> => {
  for (const { id } of messages)
    if (isFolderName(id)) await rm(join(staged, id), { recursive: true, force: true });
};
