import type { Result } from "@gatehouse/std";
import {
  type Acknowledgement,
  type Address,
  interruptedBy,
  keptAsleep,
  type OutboundMessage,
  type Projection,
  type ReceivedInbound,
} from "@gatehouse/session-rows/messages";
import type { Answer } from "../provider.ts";
import { isPrompt, type GivenOrder } from "./next-work.ts";
import { notice, outboundOf, type LastThreads, type Outbound } from "./outbound.ts";

/** The content of one commit: acknowledgements and messages. */
export type TurnWork = {
  readonly acknowledgements: readonly Acknowledgement[];
  readonly messages: readonly OutboundMessage[];
};

export const claims = (messages: readonly ReceivedInbound[]): readonly Acknowledgement[] =>
  messages.map(({ id }) => ({ id, status: "processing", reason: null }));

const completed = ({ id }: ReceivedInbound): Acknowledgement => ({ id, status: "completed", reason: null });

/** A context message is completed, because it has no answer that could fail. */
const failed = (message: ReceivedInbound, reason: string): Acknowledgement =>
  isPrompt(message) ? { id: message.id, status: "failed", reason } : completed(message);

/**
 * The commit at the end of a turn: its answers, or an error text for each message that needs an answer.
 * `notes` are for the agent's next turn.
 */
export const endedWork = (
  batch: readonly ReceivedInbound[],
  result: Result<readonly Answer[], string>,
  place: Projection & { readonly lastThreads: LastThreads },
  now: string,
): TurnWork & { readonly notes: readonly string[]; readonly files: Outbound["files"] } => {
  if (!result.ok)
    return {
      acknowledgements: batch.map((message) => failed(message, result.error)),
      messages: batch
        .filter(isPrompt)
        .map((message) => notice("failed", `No answer: ${result.error}`, message, place.routing, now)),
      notes: [],
      files: new Map(),
    };
  const { messages, unknown, files, notes } = outboundOf(result.value, batch, place, now);
  return {
    acknowledgements: batch.map(completed),
    messages,
    files,
    notes: [...unknown.map(notSent), ...notes],
  };
};

/** The commit of a task whose command woke nobody. */
export const asleepWork = ({ id }: ReceivedInbound, code: number): TurnWork => {
  const reason = `${keptAsleep}its command ended with code ${code}.`;
  return { acknowledgements: [{ id, status: "completed", reason }], messages: [] };
};

/** The note for the agent about a text whose destination does not exist. */
export const notSent = (name: string): string =>
  name === ""
    ? "Nothing was sent: this conversation has no chat of its own, so name a destination."
    : `Nothing was sent to "${name}": you have no destination of that name.`;

/** The work that an order ended: the messages of a turn, or a turn that the provider began by itself. */
type EndedByOrder = { readonly interrupted: readonly ReceivedInbound[]; readonly endedOwn: boolean };

/**
 * The commit of a person's order, and of the turn that it interrupts. The senders of that turn's messages in other chats
 * get a notice; in the order's own chat its answer is enough, and the host ends the wait of a client.
 */
export const orderedWork = (
  { order, message: given }: GivenOrder,
  { interrupted, endedOwn }: EndedByOrder,
  routing: Address,
  now: string,
): TurnWork => {
  const why = interruptedBy(order);
  const said = order === "clear" ? "A new conversation begins." : stopped(interrupted.length > 0 || endedOwn);
  return {
    acknowledgements: [...interrupted.map((message) => failed(message, why)), completed(given)],
    messages: [
      ...interrupted
        .filter((message) => isPrompt(message) && !isOfSameChat(message, given))
        .map((message) => notice("failed", why, message, routing, now)),
      notice("re", said, given, routing, now),
    ],
  };
};

const isOfSameChat = (one: ReceivedInbound, other: ReceivedInbound): boolean =>
  (["sourceSessionId", "channelType", "platformId", "threadId"] as const).every(
    (field) => one[field] === other[field],
  );

const stopped = (hasStopped: boolean): string =>
  hasStopped ? "Stopped. The conversation goes on with your next message." : "Nothing was running.";
