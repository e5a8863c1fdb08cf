import { join } from "node:path";
import { fail, ok, type Card, type Result } from "@gatehouse/std";
import { attachmentLimits } from "@gatehouse/session-rows/messages";
import type { CardAnswer } from "@gatehouse/approvals";
import type { Writing } from "../channel.ts";
import type { FileEntry } from "./chat-files.ts";

/** The socket on which a data folder's host listens for chats. */
export const chatSocketIn = (dataDir: string): string => join(dataDir, "chat.sock");

/** The version of the frames below. A client that speaks another one is refused. */
export const chatVersion = 1;

/** The code for a person whom this host refuses. A client that gets it does not reconnect. */
export const notServed = "refused";

/** The code for a frame on which the host failed. The client connects again, and repeats the message a few times. */
export const hostFailedCode = "host-failed";

/**
 * Begins the id of a text of the host that only ends the wait of a client: a person's order ended the message, and has
 * an answer of its own.
 */
export const orderedEnd = "ordered-end-";

/** Characters (UTF-16 units) of a person's message. */
export const longestText = 65_536;

/** Bytes of a line: enough for the longest message with every character escaped, and its frame. */
export const maxLineBytes: number = 2 ** 19;

/** Bytes of a file in one chunk. As base64 they fit into a line. */
export const chunkBytes: number = 192 * 2 ** 10;

/** The client's last place in each chat: the `seq` of the last message, by the chat's id. */
export type ReadUpTo = Readonly<Record<string, number>>;

/** The first frame of a client. */
export type Hello = {
  readonly type: "hello";
  readonly version: number;
  /** The group: its id, name or folder. Null for the person's direct chat, whichever group answers there. */
  readonly group: string | null;
  /** The speaker: a user's id or name; null for the sole owner. */
  readonly as: string | null;
  /** Null for a new client: it gets messages from now on, and the cards that are still open. */
  readonly after: ReadUpTo | null;
  /** The client shows what agents are writing. */
  readonly writing?: boolean;
  /** How many of the last messages of its chat a new client gets, before all others. */
  readonly history?: number;
  /** The client wants nothing else: it opens no chat, and the connection ends after these messages. */
  readonly historyOnly?: boolean;
};

/** A part of a file, before the message that names the file. */
export type Chunk = {
  readonly type: "chunk";
  /** The message's id. */
  readonly id: string;
  /** Which file of the message, from 0. */
  readonly file: number;
  /** Number of bytes before this chunk. */
  readonly at: number;
  /** Base64. */
  readonly data: string;
};

/** A message of a person. Its id is a UUID; a repeated message has the same one. */
export type Said =
  | {
      readonly type: "message";
      readonly id: string;
      readonly text: string;
      /** The files that were sent before, in chunks. */
      readonly files?: readonly FileEntry[];
    }
  | ({ readonly type: "answer"; readonly id: string } & CardAnswer);

/** The client has copies of all files of a message that it was shown. There is no reply. */
export type Fetched = { readonly type: "fetched"; readonly id: string };

export type ClientFrame = Hello | Chunk | Said | Fetched;

/** A message in the form that a client gets. */
export type ShownMessage = {
  readonly type: "message";
  readonly id: string;
  readonly chat: string;
  readonly seq: number;
  /** The group that speaks; null for the host itself. */
  readonly from: string | null;
  readonly text: string;
  readonly inReplyTo: string | null;
  readonly card?: Card;
  readonly files?: readonly ShownFile[];
  readonly failed?: true;
};

/** A message from before the client came. It is no news: it settles no message, and its card takes no answer. */
export type PastMessage = {
  readonly type: "past";
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `in` was written by a person. */
  readonly direction: "in" | "out";
  /** The id of the person, or the name of the group; null for the host itself. */
  readonly from: string | null;
  readonly text: string;
  readonly inReplyTo: string | null;
  readonly card?: Pick<Card, "id" | "title"> & { readonly isOpen: boolean };
  /** The id of the card that the person answered. The text is the option. */
  readonly answers?: string;
  readonly files?: readonly FileEntry[];
  readonly failed?: true;
};

/** The text that an agent is writing now. It is not repeated on the next connection. */
export type ShownWriting = Pick<Writing, "from" | "inReplyTo" | "text" | "waits"> & { readonly chat: string };

/** A file of a message, with its path on the host's machine. */
export type ShownFile = FileEntry & { readonly path: string };

export type ChatError = {
  readonly type: "error";
  /** kebab-case */
  readonly code: string;
  readonly message: string;
  /** The id of the refused frame, if it has one. */
  readonly id?: string;
};

export type ServerFrame =
  | {
      readonly type: "welcome";
      readonly version: number;
      readonly userId: string;
      /** Null in a direct chat that was not opened for a group. */
      readonly groupId: string | null;
      readonly group: string | null;
      /** The chat with the group. */
      readonly chat: string;
      readonly readUpTo: ReadUpTo;
      /** How many past messages follow. Left out if the client asked for none. */
      readonly past?: number;
    }
  /** The host has stored the message. */
  | { readonly type: "taken"; readonly id: string }
  | ({ readonly type: "writing" } & ShownWriting)
  | PastMessage
  | ShownMessage
  | ChatError;

/** Checks a parsed line. */
export const clientFrame = (value: unknown): Result<ClientFrame, Omit<ChatError, "type">> => {
  if (!isRecord(value)) return fail({ code: "bad-frame", message: "A frame is a JSON object." });
  const kind = kinds.find(({ type }) => type === value["type"]);
  if (kind === undefined)
    return fail({ code: "unknown-type", message: `A frame's type is one of: ${typeNames}.` });
  return kind.read(value);
};

type Fields = Readonly<Record<string, unknown>>;
type Read = (value: Fields) => Result<ClientFrame, Omit<ChatError, "type">>;

const readHello: Read = ({ version, group = null, as = null, after = null, ...more }) => {
  const { writing = false, history = 0, historyOnly = false } = more;
  if (version !== chatVersion) {
    const message = `This host speaks version ${chatVersion} of the chat: use the gatehouse of the same release.`;
    return fail({ code: "other-version", message });
  }
  if (
    (group !== null && !isText(group)) ||
    (as !== null && !isText(as)) ||
    (after !== null && !isReadUpTo(after)) ||
    typeof writing !== "boolean" ||
    !isCount(history) ||
    typeof historyOnly !== "boolean"
  )
    return fail({
      code: "bad-frame",
      message: "A hello has perhaps a group, as, after, writing, history and historyOnly.",
    });
  return ok({ type: "hello", version, group, as, after, writing, history, historyOnly });
};

const readChunk: Read = ({ id, file, at, data }) => {
  if (!isUuid(id)) return noUuid;
  if (!isCount(file) || file >= attachmentLimits.count || !isCount(at) || typeof data !== "string")
    return fail({ code: "bad-chunk", message: "A chunk has a file, at and data.", id });
  return ok({ type: "chunk", id: id.toLowerCase(), file, at, data });
};

const readMessage: Read = ({ id, text, files = [] }) => {
  if (!isUuid(id)) return noUuid;
  if (!isText(text) || text.length > longestText || text.includes("\0"))
    return fail({
      code: "bad-text",
      message: `A message has 1 to ${longestText} characters, and no NUL.`,
      id,
    });
  if (!isFiles(files))
    return fail({
      code: "bad-files",
      message: `A message has at most ${attachmentLimits.count} files, each with a name and a size.`,
      id,
    });
  const named = files.map(({ name, size }) => ({ name, size }));
  return ok({ type: "message", id: id.toLowerCase(), text, ...(named.length === 0 ? {} : { files: named }) });
};

const readAnswer: Read = ({ id, cardId, option, seen, words }) => {
  if (!isUuid(id)) return noUuid;
  const isWhole = isText(cardId) && isText(option) && isText(seen) && (words === undefined || isText(words));
  if (!isWhole || /\0/.test([cardId, option, seen, words].join("")))
    return fail({ code: "bad-frame", message: "An answer has a cardId, an option and the digest seen.", id });
  const own = words === undefined ? {} : { words };
  return ok({ type: "answer", id: id.toLowerCase(), cardId, option, seen, ...own });
};

/** An agent may give its message any id. */
const readFetched: Read = ({ id }) =>
  isText(id) && !id.includes("\0")
    ? ok({ type: "fetched", id })
    : fail({ code: "bad-frame", message: "A fetched has the id of a message." });

const kinds: readonly { readonly type: string; readonly read: Read }[] = [
  { type: "hello", read: readHello },
  { type: "chunk", read: readChunk },
  { type: "message", read: readMessage },
  { type: "answer", read: readAnswer },
  { type: "fetched", read: readFetched },
];

const typeNames = kinds.map(({ type }) => type).join(", ");

const noUuid = fail({ code: "bad-id", message: "The id of a message is a UUID." });

export const isRecord = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const isUuid = (value: unknown): value is string =>
  typeof value === "string" && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const longestName = 255;

const isFiles = (value: unknown): value is readonly FileEntry[] =>
  Array.isArray(value) &&
  value.length <= attachmentLimits.count &&
  value.every(
    (file) =>
      isRecord(file) && isText(file["name"]) && file["name"].length <= longestName && isCount(file["size"]),
  );

const isReadUpTo = (value: unknown): value is ReadUpTo =>
  isRecord(value) && Object.values(value).every((seq) => Number.isSafeInteger(seq));
