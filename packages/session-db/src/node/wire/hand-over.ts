import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { namedFiles } from "../../decisions/named-files.ts";
import { isFolderName, safeFileName } from "../../decisions/safe-names.ts";
import type { AgentEnd, TransportResult } from "../../transport.ts";
import type { RunnerFrame } from "../../wire/frames.ts";
import type { FileClient } from "./fetch-files.ts";

type Work = Parameters<AgentEnd["commit"]>[0];

/** What an agent has done, as the frame that says so. */
export type Entry = Extract<RunnerFrame, { readonly type: "commit" | "set" }>;

export type HandOver = (end: AgentEnd, entry: Entry) => Promise<TransportResult<null>>;

/** Gives work to the host: the files of a message, which are in the folder `staged`, before the message that names them. */
export const handingOver =
  (staged: string, files: Pick<FileClient, "put">): HandOver =>
  async (end, entry) => {
    if (entry.type === "set") return end.set(entry.key, entry.value, entry.now);
    const messages = entry.messages.filter(({ content }) => namedFiles(content).length > 0);
    if (messages.length === 0) return end.commit(entry);
    const given = await giveFiles(staged, files, messages);
    const result = given.ok ? await end.commit(entry) : given;
    if (result.ok) await removeFiles(staged, messages);
    return result;
  };

/** A file that the host refuses for good is left out: the host tells the agent that it is not there. */
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
