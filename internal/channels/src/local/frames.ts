import { fail, ok, type Result } from "@gatehouse/std";
import type { Card } from "../channel.ts";

/** The version of the frames below. A client that speaks another one is refused. */
export const chatVersion = 1;

/** Characters (UTF-16 units) of a person's message. */
export const longestText = 65_536;

/** Bytes of a line: a message of that length, with every character escaped, and its frame. */
export const maxLineBytes: number = 2 ** 19;

/** How far a client has read each of its chats: the `seq` of the last message, by the chat's id. */
export type ReadUpTo = Readonly<Record<string, number>>;

/** The first frame of a client. */
export type Hello = {
  readonly type: "hello";
  readonly version: number;
  /** The group: its id, name or folder. */
  readonly group: string;
  /** Who speaks: a user's id or name; null for the sole owner. */
  readonly as: string | null;
  /** Null for a client that begins: it is shown what comes from now on, and the cards that are still open. */
  readonly after: ReadUpTo | null;
};

/** What a person sends. The id is a UUID; sent again it is known. */
export type Said =
  | { readonly type: "message"; readonly id: string; readonly text: string }
  | { readonly type: "answer"; readonly id: string; readonly cardId: string; readonly option: string };

export type ClientFrame = Hello | Said;

/** A message as a client is shown it. */
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
  readonly failed?: true;
};

export type ChatError = {
  readonly type: "error";
  /** kebab-case */
  readonly code: string;
  readonly message: string;
  /** The frame that was refused, if it has an id. */
  readonly id?: string;
};

export type ServerFrame =
  | {
      readonly type: "welcome";
      readonly version: number;
      readonly userId: string;
      readonly groupId: string;
      readonly group: string;
      /** The chat with the group. */
      readonly chat: string;
      readonly readUpTo: ReadUpTo;
    }
  /** The host has it for good. */
  | { readonly type: "taken"; readonly id: string }
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

const readHello: Read = ({ version, group, as = null, after = null }) => {
  if (version !== chatVersion) {
    const message = `This host speaks version ${chatVersion} of the chat: use the gatehouse of the same release.`;
    return fail({ code: "other-version", message });
  }
  if (!isText(group) || (as !== null && !isText(as)) || (after !== null && !isReadUpTo(after)))
    return fail({ code: "bad-frame", message: "A hello has a group, and perhaps as and after." });
  return ok({ type: "hello", version, group, as, after });
};

const readMessage: Read = ({ id, text }) => {
  if (!isUuid(id)) return noUuid;
  if (!isText(text) || text.length > longestText || text.includes("\0"))
    return fail({
      code: "bad-text",
      message: `A message has 1 to ${longestText} characters, and no NUL.`,
      id,
    });
  return ok({ type: "message", id: id.toLowerCase(), text });
};

const readAnswer: Read = ({ id, cardId, option }) => {
  if (!isUuid(id)) return noUuid;
  if (!isText(cardId) || !isText(option) || /\0/.test(cardId + option))
    return fail({ code: "bad-frame", message: "An answer has a cardId and an option.", id });
  return ok({ type: "answer", id: id.toLowerCase(), cardId, option });
};

const kinds: readonly { readonly type: string; readonly read: Read }[] = [
  { type: "hello", read: readHello },
  { type: "message", read: readMessage },
  { type: "answer", read: readAnswer },
];

const typeNames = kinds.map(({ type }) => type).join(", ");

const noUuid = fail({ code: "bad-id", message: "The id of a message is a UUID." });

export const isRecord = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const isUuid = (value: unknown): value is string =>
  typeof value === "string" && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);

const isReadUpTo = (value: unknown): value is ReadUpTo =>
  isRecord(value) && Object.values(value).every((seq) => Number.isSafeInteger(seq));
