import { chatSocketIn, readChat } from "@gatehouse/channels/client";
import { printFailure, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { visibleJson } from "@gatehouse/std";
import type { ChatClientOptions } from "./chat-mode.ts";
import { pastJson, pastRows } from "./past-rows.ts";

/** The flags of `gatehouse history`, parsed. */
export type HistoryFlags = {
  readonly group?: string;
  readonly as?: string;
  readonly last: number;
  readonly data?: string;
  readonly json?: boolean;
};

/** Prints what was said in a person's chat, which the running host reads. Returns the exit code. */
export const historyCommand = (flags: HistoryFlags, io: Io): Promise<number> => {
  const { group = null, as = null, last, data, json: isJson = false } = flags;
  return chatHistory({ group, as, last, isJson, io, socketPath: chatSocketIn(dataFolder(io.env, data)) });
};

export type ChatHistoryOptions = Pick<ChatClientOptions, "socketPath" | "group" | "as" | "isJson" | "io"> & {
  /** How many messages to print. */
  readonly last: number;
};

/** Prints the last messages of a person's chat with a group, or of their direct chat. Returns the exit code. */
export const chatHistory = async (options: ChatHistoryOptions): Promise<number> => {
  const { socketPath, group, as, isJson, io, last } = options;
  const columns = io.stdout.isTTY === true ? io.stdout.columns || 80 : Infinity;
  const read = await readChat({ socketPath, group, as }, { last, signal: io.signal });
  if (io.signal.aborted) return 130;
  if (!read.ok) {
    printFailure(io, isJson, read.error);
    return 1;
  }
  const { past } = read.value;
  if (past.length === 0 && !isJson) io.stderr.write("Nothing was said in this chat yet.\n");
  for (const message of past) {
    const rows = isJson ? [visibleJson(pastJson(message))] : pastRows(message, columns);
    io.stdout.write(rows.map((row) => `${row}\n`).join(""));
  }
  return 0;
};
