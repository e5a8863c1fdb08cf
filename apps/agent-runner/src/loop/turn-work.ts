import type { Result } from "@gatehouse/std";
import type { Acknowledgement, Address, OutboundMessage, Projection, ReceivedInbound } from "@nc/session-db";
import type { Answer } from "../provider.ts";
import { isPrompt } from "./next-work.ts";
import { notice, outboundOf, type LastThreads, type Outbound } from "./outbound.ts";

/** What is committed at once: who is done with, and what is said. */
export type TurnWork = {
  readonly acknowledgements: readonly Acknowledgement[];
  readonly messages: readonly OutboundMessage[];
};

export const claims = (messages: readonly ReceivedInbound[]): readonly Acknowledgement[] =>
  messages.map(({ id }) => ({ id, status: "processing", reason: null }));

const completed = ({ id }: ReceivedInbound): Acknowledgement => ({ id, status: "completed", reason: null });

/** Context has nothing that could fail. */
const failed = (message: ReceivedInbound, reason: string): Acknowledgement =>
  isPrompt(message) ? { id: message.id, status: "failed", reason } : completed(message);

/**
 * How a turn ends: its answers, or an error text for each message that wanted one. `notes` are for the agent's
 * next turn.
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
        .map((message) => notice("failed", `The agent failed: ${result.error}`, message, place.routing, now)),
      notes: [],
      files: new Map(),
    };
  const { messages, unknown, files } = outboundOf(result.value, batch, place, now);
  const notes = unknown.map((name) => `Nothing was sent to "${name}": you have no destination of that name.`);
  return { acknowledgements: batch.map(completed), messages, notes, files };
};

const interruption = "Interrupted by /clear.";

/** How a `/clear` ends, and with it the turn that it interrupts: whoever waits for an answer of it is told. */
export const clearedWork = (
  clear: ReceivedInbound,
  interrupted: readonly ReceivedInbound[],
  routing: Address,
  now: string,
): TurnWork => ({
  acknowledgements: [...interrupted.map((message) => failed(message, interruption)), completed(clear)],
  messages: [
    ...interrupted.filter(isPrompt).map((message) => notice("failed", interruption, message, routing, now)),
    notice("re", "A new conversation begins.", clear, routing, now),
  ],
});
