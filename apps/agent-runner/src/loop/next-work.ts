import { fieldsOf } from "@gatehouse/std";
import type { Json, ReceivedInbound } from "@gatehouse/session-rows/messages";

/** What the loop does with the messages of a poll. */
export type Work =
  | { readonly kind: "nothing" }
  /** A person's order, which the runner carries out itself. */
  | ({ readonly kind: "order" } & GivenOrder)
  /** The command of a task runs first. Its message is the first of those that were received. */
  | { readonly kind: "condition"; readonly message: ReceivedInbound; readonly command: string }
  | {
      readonly kind: "turn";
      readonly messages: readonly ReceivedInbound[];
      /** The batch in which an earlier container had exactly these messages; null for a new batch. */
      readonly batch: string | null;
      /** The only message orders to compact the conversation. */
      readonly compacts?: true;
    };

/** An order, and the message that gave it. */
export type GivenOrder = { readonly order: Order; readonly message: ReceivedInbound };

/** The text of a message's content; other content as JSON. */
export const messageText = ({ content }: Pick<ReceivedInbound, "content">): string => {
  const { text } = (content ?? {}) as { readonly text?: unknown };
  return typeof text === "string" ? text : JSON.stringify(content);
};

/** Whether a message needs an answer. The others are context. */
export const isPrompt = ({ trigger, onWake }: ReceivedInbound): boolean => trigger || onWake;

/** `clear` begins a new conversation, `stop` only ends the running turn. */
export type Order = "clear" | "stop";

/** `compact` is a turn of the provider, so it waits for its turn and may be stopped. */
const orders: Readonly<Record<string, Order | "compact">> = {
  "/clear": "clear",
  "/new": "clear",
  "/stop": "stop",
  "/compact": "compact",
};

/** The command that a task's message runs first; null if it has none, or if that has woken the agent (`awake`). */
const conditionOf = ({ kind, content }: ReceivedInbound): string | null => {
  const { condition, output } = fieldsOf(content);
  return kind === "task" && typeof condition === "string" && output === undefined ? condition : null;
};

/** A task's message whose command has woken the agent, with the command's output. */
export const awake = (message: ReceivedInbound, output: string): ReceivedInbound => ({
  ...message,
  content: { ...(message.content as { readonly [key: string]: Json }), output },
});

const isAwake = ({ kind, content }: ReceivedInbound): boolean =>
  kind === "task" && fieldsOf(content)["output"] !== undefined;

/** Whether a person wrote a message that needs an answer. */
export const isFromPerson = (message: ReceivedInbound): boolean =>
  message.kind === "chat" && message.sourceSessionId === null && isPrompt(message);

/** The order in a message. One of another agent is a text, as only people may give orders; an edit repeats none. */
export const orderIn = (message: ReceivedInbound): Order | "compact" | null => {
  if (!isFromPerson(message) || Object.hasOwn(fieldsOf(message.content), "edits")) return null;
  const word = messageText(message).trim().toLowerCase();
  return Object.hasOwn(orders, word) ? (orders[word] ?? null) : null;
};

/**
 * Decides what to do next with received messages: wake messages first, then prompts, then context, each
 * oldest first. A batch ends before an order. A message that an earlier container had in work when it
 * exited gets a turn of its own: if it crashes containers, no other message fails with it. A task whose command
 * has woken the agent also has a turn of its own. Every wake message is in the batch, because no later poll returns it.
 */
export const nextWork = (received: readonly ReceivedInbound[]): Work => {
  const prompts = received.filter(isPrompt);
  const [first] = prompts;
  if (first === undefined) return { kind: "nothing" };
  const order = orderIn(first);
  if (order === "compact")
    return { kind: "turn", messages: [first], batch: first.batch ?? null, compacts: true };
  if (order !== null) return { kind: "order", order, message: first };
  const command = conditionOf(first);
  if (command !== null) return { kind: "condition", message: first, command };
  const again = sameBatch(received, first);
  if (again.length > 0) return { kind: "turn", messages: again, batch: first.batch ?? null };
  const wakes = prompts.filter(({ onWake }) => onWake);
  const others = prompts.filter(({ onWake }) => !onWake);
  const isAlone = wakes.length === 0 && (first.tries > 0 || isAwake(first));
  const batch = isAlone ? [first] : [...wakes, ...untilCut(others)];
  const context = received.filter((message) => !isPrompt(message));
  return { kind: "turn", messages: [...batch, ...context].sort(byTurn), batch: null };
};

/**
 * Returns the batch of the previous container unchanged, because the provider may find it in its transcript.
 * If that batch also crashes the next container, its messages get turns of their own. A batch with one prompt
 * stays, however often it was tried: under a new UUID the provider would take it for a new prompt.
 */
const sameBatch = (
  received: readonly ReceivedInbound[],
  { batch, tries }: ReceivedInbound,
): readonly ReceivedInbound[] => {
  const same = batch === undefined ? [] : received.filter((message) => message.batch === batch);
  return tries > 1 && same.filter(isPrompt).length > 1 ? [] : same;
};

const untilCut = (prompts: readonly ReceivedInbound[]): readonly ReceivedInbound[] => {
  const cut = prompts.findIndex(
    (message) =>
      message.tries > 0 ||
      message.batch !== undefined ||
      orderIn(message) !== null ||
      conditionOf(message) !== null,
  );
  return cut === -1 ? prompts : prompts.slice(0, cut);
};

/** Wake messages first, then the others in the order in which they were written. */
const byTurn = (one: ReceivedInbound, other: ReceivedInbound): number =>
  Number(other.onWake) - Number(one.onWake) || one.seq - other.seq;

/**
 * The first order among messages that are received during a turn. `seen`: the messages that existed when the turn
 * began. An order among those is handled after the turn.
 */
export const newOrder = (
  received: readonly ReceivedInbound[],
  seen: ReadonlySet<string>,
): GivenOrder | null => {
  for (const message of received) {
    const order = seen.has(message.id) ? null : orderIn(message);
    if (order !== null && order !== "compact") return { order, message };
  }
  return null;
};
