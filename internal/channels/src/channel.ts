import type { CentralTables, HeldLease } from "@gatehouse/control-plane";
import type { Result } from "@gatehouse/std";
import type { Kysely } from "kysely";

/** A file that comes with a message, or goes with one: at most `attachmentLimits` of `@nc/session-db`. */
export type Attachment = {
  /** From a person as they named it: not checked. To a chat one part of a path, and harmless. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The bytes, from the beginning each time. It throws where they cannot be had. */
  readonly content: () => AsyncIterable<Uint8Array>;
};

/** A message of a person, as a channel received it. */
export type FromPerson = {
  /**
   * The same each time it is handed over, and of no other message in any chat or channel: it is taken once. Where
   * a platform counts messages in each chat, the adapter makes the id of both. For `local` a UUID.
   */
  readonly id: string;
  readonly channelType: string;
  /** The chat. */
  readonly platformId: string;
  /** The bot that has the chat, where the platform has several; else empty. */
  readonly instance: string;
  readonly threadId: string | null;
  /** `telegram:123`, `local:ana`; the channel vouches for it. */
  readonly userId: string;
  readonly userName: string | null;
  readonly text: string;
  /** The bot is named in it. */
  readonly isMention: boolean;
  /** A direct message: one person and the bot. */
  readonly isDirect: boolean;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The channel keeps their content until `take` has resolved. */
  readonly attachments?: readonly Attachment[];
  /** The answer to a card, in place of a text. */
  readonly answer?: { readonly cardId: string; readonly option: string };
};

/** An option of a card with this in front of a group's id approves with that group. */
export const approveFor = "approve:";

/** A question to a person with options to choose from. */
export type Card = {
  /** The approval's id. */
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly options: readonly { readonly value: string; readonly label: string }[];
};

/** A message to a chat. */
export type ToChat = {
  /** Sent again it is known: a channel that can, shows it once. */
  readonly id: string;
  readonly platformId: string;
  readonly instance: string;
  readonly threadId: string | null;
  readonly text: string;
  /** The id of the message of a person that it answers; null if it answers none. */
  readonly inReplyTo: string | null;
  /** The name of the group that speaks; null for the host itself. */
  readonly from: string | null;
  readonly card?: Card;
  /** If one cannot be read, the whole message is refused, and may be sent again. */
  readonly attachments?: readonly Attachment[];
  /** The host could not do what `inReplyTo` asks; the text has the reason. */
  readonly failed?: true;
  /** What the sender does it by. A channel whose messages are in the central database refuses an old one. */
  readonly lease?: HeldLease;
};

/** A message that an agent is done with. */
export type EndedMessage = {
  readonly id: string;
  /** Why it failed, a sentence; null if it did not. */
  readonly failure: string | null;
  /** As in `ToChat`. */
  readonly lease?: HeldLease;
};

export type ChannelError = {
  /** `fenced`: another host has the session of this lease. */
  readonly code: "no-such-chat" | "not-reachable" | "refused" | "closed" | "fenced";
  readonly message: string;
};

/** A door for people: Telegram, or `local`. */
export type Channel = {
  readonly type: string;
  /**
   * Begins to take messages. `take` resolves when the host has the message for good; until then the channel
   * keeps it, and hands it over again after a crash.
   */
  readonly start: (take: (message: FromPerson) => Promise<void>) => Promise<void>;
  readonly send: (
    message: ToChat,
  ) => Promise<Result<{ readonly platformMessageId: string | null }, ChannelError>>;
  /**
   * An agent is done with a person's message, and no answer to it was sent just now. A channel whose person
   * waits for one says so. The message may be another channel's, or answered earlier.
   */
  readonly ended?: (message: EndedMessage) => Promise<void>;
  /**
   * Marks a person's message as taken for good, in the transaction of what the host writes about it. False if it
   * was marked before: another host had it. Only of a channel whose messages are in the central database.
   */
  readonly claim?: (transaction: Kysely<CentralTables>, id: string) => Promise<boolean>;
  /** The direct chat with a person: its platform id. */
  readonly directChat: (userId: string) => Promise<Result<string, ChannelError>>;
  readonly close: () => Promise<void>;
};
