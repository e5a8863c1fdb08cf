import type { Readable } from "node:stream";
import type { CardAnswer } from "@gatehouse/approvals";
import type { Io } from "@gatehouse/cli-kit";
import type { LinkEvents, LocalFile } from "@gatehouse/channels/client";
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
  /** The folder for received files; null to leave them in the host's folder. */
  readonly saveDir: string | null;
  readonly input: Readable;
  /** The terminal of a conversation; null for lines in and lines out. */
  readonly terminal: NodeJS.WritableStream | null;
  /** The terminal gets whole lines alone: no escape sequences, and nothing is drawn again. */
  readonly isPlain?: boolean;
  /** How many past messages to show first. */
  readonly history?: number;
  readonly io: Io;
  /** A UUID for each message. */
  readonly newId: () => string;
  /** How long to wait for a host that is gone, ms. */
  readonly reconnectMs?: number;
};

/** A way to use a chat: at a terminal, or in a pipe. */
export type ChatMode = {
  readonly events: Omit<LinkEvents, "message"> & { readonly message: (message: ReceivedMessage) => void };
  /** Resolves when nothing more is to be sent or received. */
  readonly done: Promise<{ readonly exitCode: number }>;
  /** Called at the end in every case. */
  readonly close: () => void;
};

/** The part of the link that a mode may use. */
export type Speak = {
  readonly say: (text: string, files?: readonly LocalFile[]) => string;
  readonly answer: (answer: CardAnswer) => void;
  readonly unsent: () => number;
};

/** The means by which a mode reports that it is over. */
export const ending = (): { readonly done: ChatMode["done"]; readonly end: (ended: Ended) => void } => {
  let end: (ended: Ended) => void = () => {};
  const done = new Promise<Ended>((resolve) => (end = resolve));
  return { done, end };
};

type Ended = { readonly exitCode: number };
