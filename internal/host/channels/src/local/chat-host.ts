import type { Result } from "@gatehouse/std";
import type { ChatRefusal } from "./find-speaker.ts";
import type { Fetched, Hello, PastMessage, ReadUpTo, Said, ShownMessage } from "./frames.ts";
import type { Guest } from "./greet.ts";
import type { Upload } from "./upload.ts";

/** A chat, up to one of its places. */
export type ChatPart = { readonly chat: string; readonly upTo: number };

/** The calls that a connection makes to its channel. */
export type ChatHost = {
  readonly greet: (hello: Hello) => Promise<Result<Guest, ChatRefusal>>;
  /** The refused ones among these users: a person may leave users.yaml while connected. */
  readonly refusedOf: (userIds: readonly string[]) => Promise<ReadonlyMap<string, ChatRefusal>>;
  /** Stores a person's message. Refuses the id of another message. */
  readonly say: (guest: Guest, said: Said) => Promise<Result<null, ChatRefusal>>;
  /** Makes the upload for the files of one client. */
  readonly upload: () => Upload;
  /** Notes that a client has copied the files of a message. A message of another chat is ignored. */
  readonly fetched: (guest: Guest, fetched: Fetched) => Promise<void>;
  /** The current last place of each chat. */
  readonly readUpTo: (chats: readonly string[]) => Promise<ReadUpTo>;
  /** The last place of each chat that has a message to show. */
  readonly lastOut: (chats: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  readonly openCards: (guest: Guest) => Promise<readonly ShownMessage[]>;
  /** The number of the last messages of a chat, at most `count`, and the place of the first one. */
  readonly lastOf: (
    part: ChatPart,
    count: number,
  ) => Promise<{ readonly count: number; readonly first: number }>;
  /** The next past messages from a place on, in order; empty at the end. */
  readonly past: (
    guest: Guest,
    part: ChatPart,
    first: number,
  ) => Promise<{ readonly messages: readonly PastMessage[]; readonly next: number }>;
  /** The next messages of a chat, in order; empty at its end. */
  readonly after: (chat: string, seq: number) => Promise<readonly ShownMessage[]>;
  readonly report: (error: unknown) => void;
};
