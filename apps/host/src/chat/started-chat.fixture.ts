import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import type { Io } from "@gatehouse/cli-kit";
import { onTestFinished } from "vitest";
import { chatClient } from "./chat-client.ts";
import type { ChatClientOptions } from "./chat-mode.ts";

/** A chat that runs in the process of the test. */
export type StartedChat = {
  readonly exitCode: Promise<number>;
  /** What it has printed so far. */
  readonly out: () => string;
  readonly err: () => string;
  readonly abort: () => void;
};

export type ChatOptions = Partial<ChatClientOptions> & Partial<Pick<Io, "env" | "cwd">>;

/** Chats with the group Ana through the host at this socket, in a pipe, until the end of the test at the latest. */
export const startedChat = (
  socketPath: string,
  input: Readable,
  { env = {}, cwd = "/", ...more }: ChatOptions = {},
): StartedChat => {
  let [out, err] = ["", ""];
  const over = new AbortController();
  const exitCode = chatClient({
    group: "ana",
    as: null,
    isJson: false,
    terminal: null,
    attach: [],
    saveDir: null,
    socketPath,
    newId: randomUUID,
    input,
    io: {
      env,
      cwd,
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
      signal: over.signal,
    },
    ...more,
  });
  onTestFinished(async () => {
    over.abort();
    await exitCode;
  });
  return { exitCode, out: () => out, err: () => err, abort: () => over.abort() };
};
