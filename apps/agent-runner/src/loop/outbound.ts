import { Buffer } from "node:buffer";
import type { Address, Destination, OutboundMessage, Projection, ReceivedInbound } from "@nc/session-db";
import { limits } from "../limits.ts";
import type { Answer } from "../provider.ts";
import { isPrompt } from "./next-work.ts";

/** The last thread of each chat that wrote: an answer to a destination goes on in it. */
export type LastThreads = ReadonlyMap<string, string | null>;

export type Outbound = {
  readonly messages: readonly OutboundMessage[];
  /** Names of destinations that the agent does not have. What was for them is not sent. */
  readonly unknown: readonly string[];
  /** Paths of the files that go with a message, by its id. */
  readonly files: ReadonlyMap<string, readonly string[]>;
};

/** The key of a chat in `LastThreads`. */
export const chatKey = ({ channelType, platformId }: Pick<Address, "channelType" | "platformId">): string =>
  JSON.stringify([channelType, platformId]);

/**
 * Makes messages of a turn's answers. Their ids are made from those of the messages that they answer, so that
 * a repeated turn adds nothing.
 */
export const outboundOf = (
  answers: readonly Answer[],
  batch: readonly ReceivedInbound[],
  place: Pick<Projection, "routing" | "destinations"> & { readonly lastThreads: LastThreads },
  now: string,
): Outbound => {
  const messages: OutboundMessage[] = [];
  const unknown: string[] = [];
  const files = new Map<string, readonly string[]>();
  const used = new Map<string, number>();
  for (const { text, inReplyTo, to, files: paths = [] } of answers) {
    const answered = batch.find(({ id }) => id === inReplyTo) ?? batch.findLast(isPrompt) ?? batch.at(-1);
    const address = to === undefined ? ownAddress(answered, place.routing) : addressOf(to, place);
    if (address === null || answered === undefined) unknown.push(to ?? "");
    else {
      const id = idOf(answered.id, used);
      if (paths.length > 0) files.set(id, paths);
      messages.push(chat({ id, inReplyTo, address, content: { text: fitted(text) }, now }));
    }
  }
  return { messages, unknown, files };
};

/** A text that the host takes. A longer one is cut, and says so. */
const fitted = (text: string): string =>
  Buffer.byteLength(JSON.stringify(text)) <= limits.contentBytes
    ? text
    : `${text.slice(0, limits.cutCharacters)}\n[Cut off here: the answer has ${text.length} characters.]`;

/**
 * Something that the runner itself says about a message: `re-<id>` in the place of an answer, `failed-<id>`
 * that there is none.
 */
export const notice = (
  how: "re" | "failed",
  text: string,
  message: ReceivedInbound,
  routing: Address,
  now: string,
): OutboundMessage =>
  chat({
    id: `${how}-${message.id}`,
    inReplyTo: message.id,
    address: ownAddress(message, routing),
    content: { text, system: true, ...(how === "failed" ? { failed: true } : {}) },
    now,
  });

const chat = (parts: {
  readonly id: string;
  readonly inReplyTo: string | null;
  readonly address: Address;
  readonly content: OutboundMessage["content"];
  readonly now: string;
}): OutboundMessage => ({
  id: parts.id,
  inReplyTo: parts.inReplyTo,
  kind: "chat",
  timestamp: parts.now,
  content: parts.content,
  deliverAfter: null,
  ...parts.address,
});

/** `re-<id>`, then `re-<id>-2` and so on. */
const idOf = (id: string, used: Map<string, number>): string => {
  const count = (used.get(id) ?? 0) + 1;
  used.set(id, count);
  return count === 1 ? `re-${id}` : `re-${id}-${count}`;
};

const ownAddress = (message: ReceivedInbound | undefined, routing: Address): Address => {
  if (message === undefined || message.channelType === null) return routing;
  const { channelType, platformId, threadId } = message;
  return { channelType, platformId, threadId };
};

const addressOf = (
  name: string,
  { destinations, lastThreads }: { destinations: readonly Destination[]; lastThreads: LastThreads },
): Address | null => {
  const found = destinations.find((each) => each.name === name);
  if (found === undefined) return null;
  const { type, channelType, platformId, agentGroupId } = found;
  if (type === "agent") return { channelType: "agent", platformId: agentGroupId, threadId: null };
  return { channelType, platformId, threadId: lastThreads.get(chatKey({ channelType, platformId })) ?? null };
};
