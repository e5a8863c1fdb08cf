import type { Readable } from "node:stream";
import type { Io } from "@gatehouse/cli-kit";
import type { LinkEvents } from "./chat-link.ts";
import type { LocalFile } from "./local-file.ts";
import type { ReceivedMessage } from "./save-files.ts";

export type ChatClientOptions = {
  readonly socketPath: string;
  /** Null for the person's direct chat. */
  readonly group: string | null;
  /** Null for the sole owner. */
  readonly as: string | null;
  readonly isJson: boolean;
  /** Files that go with the first line. */
  readonly attach: readonly string[];
  /** The folder for files that come; null to leave them where the host has them. */
  readonly saveDir: string | null;
  readonly input: Readable;
  /** The terminal to hold a conversation at; null for lines in and lines out. */
  readonly terminal: NodeJS.WritableStream | null;
  readonly io: Io;
  /** A UUID for each message. */
  readonly newId: () => string;
  /** Milliseconds for which a host that is gone is waited for. */
  readonly reconnectMs?: number;
};

/** One way to use a chat: at a terminal, or in a pipe. */
export type ChatMode = {
  readonly events: Omit<LinkEvents, "message"> & { readonly message: (message: ReceivedMessage) => void };
  /** Resolves when there is nothing more to say and to hear. */
  readonly done: Promise<{ readonly exitCode: number }>;
  /** Called at the end, however it came. */
  readonly close: () => void;
};

/** What a mode may do with its link. */
export type Speak = {
  readonly say: (text: string, files?: readonly LocalFile[]) => string;
  readonly answer: (cardId: string, option: string) => void;
  readonly unsent: () => number;
};

/** How a mode says that it is over. */
export const ending = (): { readonly done: ChatMode["done"]; readonly end: (ended: Ended) => void } => {
  let end: (ended: Ended) => void = () => {};
  const done = new Promise<Ended>((resolve) => (end = resolve));
  return { done, end };
};

type Ended = { readonly exitCode: number };
