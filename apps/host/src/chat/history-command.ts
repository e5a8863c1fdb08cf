import { chatSocketIn } from "@gatehouse/channels/client";
import type { Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { chatHistory } from "./chat-history.ts";

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
