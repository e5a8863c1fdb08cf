import { randomUUID } from "node:crypto";
import process from "node:process";
import { chatClient, chatSocketIn } from "@gatehouse/channels/client";
import type { Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";

/** The flags of `gatehouse chat`, parsed. */
export type ChatFlags = {
  readonly group?: string;
  readonly as?: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly attach?: readonly string[];
  readonly save?: string;
};

/**
 * Chats through the host of a data folder, with a group or in the person's direct chat. Shows a conversation at a terminal,
 * and otherwise reads and writes lines. Returns the exit code.
 */
export const chatCommand = (flags: ChatFlags, io: Io): Promise<number> => {
  const { group = null, as = null, data, json: isJson = false, attach = [], save: saveDir = null } = flags;
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY && !isJson;
  return chatClient({
    ...{ group, as, isJson, attach, saveDir, io, newId: randomUUID },
    socketPath: chatSocketIn(dataFolder(io.env, data)),
    input: process.stdin,
    terminal: isTerminal ? process.stdout : null,
  });
};
