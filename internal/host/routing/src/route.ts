import type { FromPerson } from "@gatehouse/channels";
import { patternMatches } from "@gatehouse/command-context";

/** A wiring of the chat, in the form that routing needs. */
export type RoutedWiring = {
  readonly id: string;
  readonly groupId: string;
  readonly engageMode: "pattern" | "mention" | "mention-sticky";
  readonly engagePattern: string | null;
  readonly senderScope: "all" | "known";
  readonly ignoredMessagePolicy: "drop" | "accumulate";
  readonly sessionMode: SessionMode;
  readonly priority: number;
  /** The agent has answered in this chat or thread before, so `mention-sticky` needs no further mention. */
  readonly isEngaged: boolean;
};

export type SessionMode = "shared" | "per-thread" | "agent-shared";

/** How a chat treats unknown people. */
export type UnknownSenderPolicy = "strict" | "request_approval" | "decline_notify" | "public";

export type RoutedChat = {
  readonly isGroup: boolean;
  readonly unknownSenderPolicy: UnknownSenderPolicy;
};

/** The sender's rights. */
export type RoutedPerson = {
  /** This host serves the person nowhere. */
  readonly isRefused: boolean;
  /**
   * Groups whose approvers rejected this person in this chat. A person who is known there by now is served.
   */
  readonly refusedBy: ReadonlySet<string>;
  /** Groups in which the person has a role or a membership; `all` for an owner. */
  readonly knownIn: "all" | ReadonlySet<string>;
};

export type RouteReason =
  | "pattern-matches"
  | "named"
  | "engaged-before"
  | "pattern-differs"
  | "not-named"
  /** Only after a manual change of the row: an invalid pattern is refused when it is saved. */
  | "pattern-unreadable"
  | "person-refused"
  | "unknown-sender"
  | "sender-not-known";

/** The decision about one message at one wiring. */
export type Routed = {
  readonly wiring: RoutedWiring;
  /**
   * `engage` wakes the agent. `keep` is context for its next turn. `ask` would engage the agent if an
   * approver accepts the sender.
   */
  readonly act: "engage" | "keep" | "drop" | "ask";
  readonly reason: RouteReason;
};

type Text = Pick<FromPerson, "text" | "isMention" | "isDirect">;

/**
 * Decides for each wiring of a chat, those of higher priority first. A message of a person who may not write
 * is not even kept as context: a stranger's text must not reach the agent together with another person's
 * message.
 */
export const route = (
  message: Text,
  {
    chat,
    wirings,
    person,
  }: Readonly<{ chat: RoutedChat; wirings: readonly RoutedWiring[]; person: RoutedPerson }>,
): readonly Routed[] =>
  wirings
    .toSorted((one, other) => other.priority - one.priority)
    .map((wiring) => {
      const refusal = refusalOf(wiring, chat, person);
      const isAskedFor = refusal === "unknown-sender" && chat.unknownSenderPolicy === "request_approval";
      if (refusal !== null && !isAskedFor) return { wiring, act: "drop", reason: refusal };
      const { engages, reason } = engagement(message, wiring, chat);
      if (isAskedFor) return { wiring, act: engages ? "ask" : "drop", reason: refusal };
      if (engages) return { wiring, act: "engage", reason };
      return { wiring, act: wiring.ignoredMessagePolicy === "accumulate" ? "keep" : "drop", reason };
    });

const refusalOf = (wiring: RoutedWiring, chat: RoutedChat, person: RoutedPerson): RouteReason | null => {
  if (person.isRefused) return "person-refused";
  if (person.knownIn === "all" || person.knownIn.has(wiring.groupId)) return null;
  if (person.refusedBy.has(wiring.groupId)) return "person-refused";
  if (chat.unknownSenderPolicy !== "public") return "unknown-sender";
  return wiring.senderScope === "known" ? "sender-not-known" : null;
};

type Engagement = { readonly engages: boolean; readonly reason: RouteReason };

const engagement = (message: Text, wiring: RoutedWiring, chat: RoutedChat): Engagement => {
  if (wiring.engageMode === "pattern") return matching(message.text, wiring.engagePattern);
  // A direct message is always to the bot.
  if (message.isMention || message.isDirect) return { engages: true, reason: "named" };
  const isSticky = wiring.engageMode === "mention-sticky" && chat.isGroup && wiring.isEngaged;
  return isSticky ? { engages: true, reason: "engaged-before" } : { engages: false, reason: "not-named" };
};

const matching = (text: string, pattern: string | null): Engagement => {
  const engages = patternMatches(pattern ?? "", text);
  if (engages === null) return { engages: false, reason: "pattern-unreadable" };
  return { engages, reason: engages ? "pattern-matches" : "pattern-differs" };
};
