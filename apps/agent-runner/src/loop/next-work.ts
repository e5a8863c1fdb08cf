import type { ReceivedInbound } from "@nc/session-db";

/** What the loop does with the messages of a poll. */
export type Work =
  | { readonly kind: "nothing" }
  /** A person wants a new conversation. */
  | { readonly kind: "clear"; readonly message: ReceivedInbound }
  | { readonly kind: "turn"; readonly messages: readonly ReceivedInbound[] };

/** The text of a message's content; other content as JSON. */
export const textOf = ({ content }: Pick<ReceivedInbound, "content">): string => {
  const { text } = (content ?? {}) as { readonly text?: unknown };
  return typeof text === "string" ? text : JSON.stringify(content);
};

/** Whether a message wants an answer. The others are context. */
export const isPrompt = ({ trigger, onWake }: ReceivedInbound): boolean => trigger || onWake;

/** Another agent has no say in this one's conversation. */
const isClear = (message: ReceivedInbound): boolean =>
  message.kind === "chat" &&
  message.sourceSessionId === null &&
  isPrompt(message) &&
  textOf(message).trim().toLowerCase() === "/clear";

/**
 * What to do next with what was received: wake messages first, then prompts, then context, each oldest first.
 * A batch ends before a `/clear`. A message that an earlier container had in work when it ended has a turn of
 * its own: if it is what ends containers, it takes no other message with it. Every wake message is in the
 * batch, because no later poll gives it.
 */
export const nextWork = (received: readonly ReceivedInbound[]): Work => {
  const prompts = received.filter(isPrompt);
  const [first] = prompts;
  if (first === undefined) return { kind: "nothing" };
  if (isClear(first)) return { kind: "clear", message: first };
  const again = sameBatch(received, first);
  if (again.length > 0) return { kind: "turn", messages: again };
  const wakes = prompts.filter(({ onWake }) => onWake);
  const others = prompts.filter(({ onWake }) => !onWake);
  const batch = wakes.length === 0 && first.tries > 0 ? [first] : [...wakes, ...untilCut(others)];
  const context = received.filter((message) => !isPrompt(message));
  return { kind: "turn", messages: [...batch, ...context].sort(byTurn) };
};

/**
 * A batch that the container before had when it ended: a provider may find it in its transcript, so it is the same one
 * again. If it ends the next container too, its messages have turns of their own.
 */
const sameBatch = (
  received: readonly ReceivedInbound[],
  { batch, tries }: ReceivedInbound,
): readonly ReceivedInbound[] =>
  batch === undefined || tries > 1 ? [] : received.filter((message) => message.batch === batch);

const untilCut = (prompts: readonly ReceivedInbound[]): readonly ReceivedInbound[] => {
  const cut = prompts.findIndex(
    (message) => message.tries > 0 || message.batch !== undefined || isClear(message),
  );
  return cut === -1 ? prompts : prompts.slice(0, cut);
};

/** Wake messages first, the others as they were written. */
const byTurn = (one: ReceivedInbound, other: ReceivedInbound): number =>
  Number(other.onWake) - Number(one.onWake) || one.seq - other.seq;

/**
 * What to do with messages that come while a turn runs: a `/clear` ends it, prompts join it and take context
 * with them, and context alone waits. `seen`: the messages that were there when the turn began. A `/clear`
 * among those has its turn after it.
 */
export const duringTurn = (received: readonly ReceivedInbound[], seen: ReadonlySet<string>): Work => {
  const prompts = received.filter(isPrompt);
  const clear = prompts.find((message) => isClear(message) && !seen.has(message.id));
  if (clear !== undefined) return { kind: "clear", message: clear };
  const joining = untilCut(prompts);
  if (joining.length === 0) return { kind: "nothing" };
  const context = received.filter((message) => !isPrompt(message));
  return { kind: "turn", messages: [...joining, ...context].sort(byTurn) };
};
