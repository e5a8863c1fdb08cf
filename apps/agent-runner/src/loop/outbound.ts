import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { fail, ok, type Result } from "@gatehouse/std";
import type {
  Address,
  Destination,
  OutboundMessage,
  Projection,
  ReceivedInbound,
} from "@gatehouse/session-rows/messages";
import { keyOf, type SendInput } from "../host-tools/host-tools.ts";
import { limits } from "../limits.ts";
import { answersIn } from "../prompt/answers-in.ts";
import type { Answer, OwnTurn } from "../provider.ts";
import { isPrompt } from "./next-work.ts";
import type { FileSource } from "./with-files.ts";

/** The last thread of each chat: an answer to a destination continues there. */
export type LastThreads = ReadonlyMap<string, string | null>;

export type Outbound = {
  readonly messages: readonly OutboundMessage[];
  /** Names of destinations that do not exist. Texts for them are not sent. */
  readonly unknown: readonly string[];
  /** The files that go with a message, by its id. */
  readonly files: ReadonlyMap<string, readonly FileSource[]>;
  /** Notes for the agent's next turn. */
  readonly notes: readonly string[];
};

/** The key of a chat in `LastThreads`. */
export const chatKey = ({ channelType, platformId }: Pick<Address, "channelType" | "platformId">): string =>
  JSON.stringify([channelType, platformId]);

/**
 * Makes messages from a turn's answers. Their ids are made from those of the answered messages, so a repeated
 * turn adds nothing.
 */
export const outboundOf = (
  answers: readonly Answer[],
  batch: readonly ReceivedInbound[],
  place: Pick<Projection, "routing" | "destinations"> & { readonly lastThreads: LastThreads },
  now: string,
): Outbound => {
  const messages: OutboundMessage[] = [];
  const unknown: string[] = [];
  const files = new Map<string, readonly FileSource[]>();
  const notes: string[] = [];
  const used = new Map<string, number>();
  for (const { text, inReplyTo, to, files: paths = [] } of answers) {
    const answered = batch.find(({ id }) => id === inReplyTo) ?? batch.findLast(isPrompt) ?? batch.at(-1);
    const address = to === undefined ? ownAddress(answered, place.routing) : addressOf(to, place);
    if (address === null || answered === undefined) unknown.push(to ?? "");
    else {
      const id = idOf(answered.id, used);
      const whole = fits(text) ? [] : [{ name: wholeName, text }];
      if (whole.length > 0) notes.push(cutNote(text));
      if (whole.length + paths.length > 0) files.set(id, [...whole, ...paths]);
      messages.push(chat({ id, inReplyTo, address, content: { text: fitted(text) }, now }));
    }
  }
  return { messages, unknown, files, notes };
};

/**
 * Makes messages from a turn that the provider began by itself. They answer nothing and go to the session's chat,
 * unless the text names destinations. Their ids are made from the turn's id, so one that is reported again adds nothing.
 */
export const ownMessages = (
  { id, text, hasFailed }: OwnTurn,
  place: Pick<Projection, "routing" | "destinations"> & { readonly lastThreads: LastThreads },
  now: string,
): Outbound => {
  const { channelType, platformId, threadId } = place.routing;
  const thread = threadId ?? place.lastThreads.get(chatKey({ channelType, platformId })) ?? null;
  const name = `own-${createHash("sha256").update(id).digest("hex").slice(0, 32)}`;
  const blocks: readonly Pick<Answer, "text" | "to">[] = hasFailed ? [] : answersIn(text);
  const texts = blocks.length > 0 ? blocks : [{ text: text.trim() }];
  const unknown: string[] = [];
  const notes: string[] = [];
  const files = new Map<string, readonly FileSource[]>();
  const messages = texts.flatMap(({ text: part, to }, at) => {
    const address = to === undefined ? { channelType, platformId, threadId: thread } : addressOf(to, place);
    if (address?.platformId == null) unknown.push(to ?? "");
    if (address?.platformId == null) return [];
    const content = hasFailed
      ? { text: `The agent went on by itself, and failed: ${fitted(part)}`, system: true }
      : { text: fitted(part) };
    const messageId = at === 0 ? name : `${name}-${at + 1}`;
    if (!fits(part)) {
      files.set(messageId, [{ name: wholeName, text: part }]);
      notes.push(cutNote(part));
    }
    return [chat({ id: messageId, inReplyTo: null, address, content, now })];
  });
  return { messages, unknown, files, notes };
};

/** The turn in which a message is sent, and how many equal ones it has sent before. */
export type SendPlace = Pick<Projection, "routing" | "destinations"> & {
  readonly lastThreads: LastThreads;
  readonly messages: readonly ReceivedInbound[];
  readonly batch: string;
  readonly occurrence: number;
};

/**
 * The message of a tool. Its id is made from the batch, the input and the occurrence, so the host skips it if a turn
 * that is repeated after a kill sends it again. It answers nothing, since the sender still waits for the turn's answer;
 * between two agents it does, because the host counts how often they wrote to each other. The error is a sentence.
 */
export const sentMessage = (
  input: SendInput,
  place: SendPlace,
  now: string,
): Result<OutboundMessage, string> => {
  const { text, to, files = [] } = input;
  const { batch, messages, occurrence, destinations, routing } = place;
  if (text.trim() === "" && files.length === 0) return fail("The message has neither a text nor a file.");
  if (!fits(text)) return fail(`The text is longer than ${limits.contentBytes} bytes. Send it in parts.`);
  const answered = messages.findLast(isPrompt) ?? messages.at(-1);
  const address = to === undefined ? ownAddress(answered, routing) : addressOf(to, place);
  if (address === null) return fail(noDestination(to ?? "", destinations));
  const isBetweenAgents = address.channelType === "agent" && answered?.channelType === "agent";
  const hash = createHash("sha256").update(JSON.stringify([batch, occurrence, keyOf(input)]));
  const id = `sent-${hash.digest("hex").slice(0, 32)}`;
  return ok(chat({ id, inReplyTo: isBetweenAgents ? answered.id : null, address, content: { text }, now }));
};

const noDestination = (name: string, destinations: readonly Destination[]): string =>
  `You have no destination "${name}". You have: ${destinations.map((each) => each.name).join(", ") || "none"}.`;

const fits = (text: string): boolean => Buffer.byteLength(JSON.stringify(text)) <= limits.contentBytes;

/** The file with the whole of a text that was cut. */
const wholeName = "answer.md";

const cutNote = (text: string): string =>
  `Your text of ${text.length} characters is too long for a message: its first ${limits.cutCharacters} were sent, with the whole in the file ${wholeName}.`;

/** The text, or its beginning with a note if the host would refuse it. */
const fitted = (text: string): string =>
  fits(text)
    ? text
    : `${text.slice(0, limits.cutCharacters)}\n[Cut off here: the answer has ${text.length} characters. All of it is in ${wholeName}.]`;

/**
 * A text of the runner itself about a message: `re-<id>` instead of an answer, `failed-<id>` if there is
 * none.
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
