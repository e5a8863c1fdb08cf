import { randomUUID } from "node:crypto";
import process from "node:process";
import { chatSocketIn } from "@gatehouse/channels/client";
import type { Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import { chatClient } from "./chat-client.ts";

/** The flags of `gatehouse chat`, parsed. */
export type ChatFlags = {
  readonly group?: string;
  readonly as?: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly attach?: readonly string[];
  readonly save?: string;
  readonly history?: number;
  readonly plain?: boolean;
};

/** Past messages that a chat at a terminal shows, if no number is given. */
const fewLast = 10;

/**
 * Chats through the host of a data folder, with a group or in the person's direct chat. Shows a conversation at a terminal,
 * and otherwise reads and writes lines. Returns the exit code.
 */
export const chatCommand = (flags: ChatFlags, io: Io): Promise<number> => {
  const { group = null, as = null, data, json: isJson = false, attach = [], save: saveDir = null } = flags;
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY && !isJson;
  const { plain = isDumb(io.env["TERM"]), history = isTerminal ? fewLast : 0 } = flags;
  return chatClient({
    group,
    as,
    isJson,
    attach,
    saveDir,
    io,
    newId: randomUUID,
    isPlain: plain,
    history,
    socketPath: chatSocketIn(dataFolder(io.env, data)),
    input: process.stdin,
    terminal: isTerminal ? process.stdout : null,
  });
};

/** A terminal that moves no cursor, such as Emacs' M-x shell. Git (2.39) takes one without a name for such, too. */
const isDumb = (term: string | undefined): boolean => term === undefined || term === "" || term === "dumb";
