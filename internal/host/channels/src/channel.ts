import type { CentralTables } from "@gatehouse/central-database";
import type { HeldLease } from "@gatehouse/session-rows";
import type { Awaited, CardAnswer, Hold } from "@gatehouse/approvals";
import type { Card, Result } from "@gatehouse/std";
import type { Kysely } from "kysely";

/**
 * A file of a message, in either direction. Of a person's files above `attachmentLimits` of
 * `@gatehouse/session-rows` the host leaves the rest out, and tells the agent.
 */
export type Attachment = {
  /** From a person: the name that they gave, unchecked. To a chat: a safe name without path separators. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The bytes; each call starts at the beginning. Throws if they cannot be read. */
  readonly content: () => AsyncIterable<Uint8Array>;
};

/** Another message that a person's message refers to, or passes on. Its words are unchecked, and cut. */
export type Quoted = {
  readonly how: "replied-to" | "forwarded";
  /** Its sender, as the platform names them. */
  readonly sender: string;
  /** The sender as a user, if the platform tells it and they are a person. */
  readonly userId: string | null;
  /** Its text; a file or another kind of message in words. */
  readonly text: string;
  /** The part of it to which the person replies. */
  readonly part?: string;
};

/** A message of a person, as a channel received it. */
export type FromPerson = {
  /**
   * Unique among all messages of all chats and channels, and equal on every try, so that the message is
   * received once. If a platform counts messages for each chat, the adapter makes the id of chat and number.
   * For `local` a UUID.
   */
  readonly id: string;
  readonly channelType: string;
  /** The chat. */
  readonly platformId: string;
  /** The bot in the chat, if the platform has several; else empty. */
  readonly instance: string;
  readonly threadId: string | null;
  /** `telegram:123` or `local:ana`; the channel has verified it. */
  readonly userId: string;
  readonly userName: string | null;
  /** The person's own words; empty if they only pass on another's. */
  readonly text: string;
  /** Others' words: never an order, an answer, or a match of a pattern. */
  readonly quoted?: readonly Quoted[];
  /**
   * The id of the message that this one replaces: the person has changed it. An edit is a message of its own, and never an
   * order or an answer.
   */
  readonly edits?: string;
  /** The message names the bot. */
  readonly isMention: boolean;
  /** A direct message: one person and the bot. */
  readonly isDirect: boolean;
  /** The name that the people of a chat gave it, unchecked; left out where chats have none. */
  readonly chatName?: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The channel keeps their content until `receive` has resolved. */
  readonly attachments?: readonly Attachment[];
  /** The answer to a card, instead of a text. */
  readonly answer?: CardAnswer;
  /** The approval for which the message has waited. Its answer decides. */
  readonly waitsFor?: string;
};

/**
 * Writes what the sender keeps of a sent message, in the transaction in which a channel notes that it was sent.
 * `platformMessageId` as `send` returns it. A channel that finds the message sent already need not call it.
 */
export type NoteSent = (
  transaction: Kysely<CentralTables>,
  platformMessageId: string | null,
) => Promise<void>;

/** A message to a chat. */
export type ToChat = {
  /** A message sent again has the same id, so a channel that can compare ids shows it once. */
  readonly id: string;
  readonly platformId: string;
  readonly instance: string;
  readonly threadId: string | null;
  readonly text: string;
  /** The id of the person's message that it answers; null if there is none. */
  readonly inReplyTo: string | null;
  /** The name of the group that sends it; null for the host itself. */
  readonly from: string | null;
  /** The group that sends the attachments: a channel that keeps them counts them for it. */
  readonly senderGroupId?: string;
  readonly card?: Card;
  /** If one cannot be read, the whole message is refused, and may be sent again. */
  readonly attachments?: readonly Attachment[];
  /** The message `inReplyTo` was not carried out; the text has the reason. */
  readonly failed?: true;
  /**
   * The lease of the sending host. A channel whose messages are in the central database refuses an expired
   * one.
   */
  readonly lease?: HeldLease;
  readonly noteSent?: NoteSent;
};

/** The text that an agent is writing now. */
export type Writing = Pick<ToChat, "platformId" | "threadId" | "from"> & {
  /** The message that it answers. */
  readonly inReplyTo: string;
  /** The text so far, or its end. */
  readonly text: string;
  /** The agent works on something else, and has not begun with the message. */
  readonly waits?: true;
};

/** A person's message that an agent has ended, and its chat. */
export type EndedMessage = Pick<ToChat, "platformId" | "instance" | "threadId" | "lease"> & {
  readonly id: string;
  /** The reason of a failure, a sentence; null if it did not fail. */
  readonly failure: string | null;
  /** A person's order ended it. The order has an answer of its own, so only a client that waits is told. */
  readonly ordered?: true;
};

export type ChannelError = {
  /**
   * `fenced`: another host has leased the session. `uncertain`: it may have been sent, and the channel never sends it
   * again. `blocked`: the person or the chat has put the bot out. The last two end the message at once.
   */
  readonly code: "no-such-chat" | "not-reachable" | "refused" | "closed" | "fenced" | "uncertain" | "blocked";
  readonly message: string;
  /** With `not-reachable`: the time until the next try, ms. Such a wait counts as no failed try. */
  readonly retryAfterMs?: number;
};

/** A chat of one person with the bot `instance`. */
export type DirectChat = { readonly platformId: string; readonly instance: string };

/** A way for people to exchange messages with agents: Telegram, or `local`. */
export type Channel = {
  readonly type: string;
  /** Its senders have an account on this machine. The host tells them every outcome of their messages. */
  readonly isOfThisMachine?: boolean;
  /**
   * Starts to receive messages, those of a chat one after the other and in order. No chat waits for another.
   * `receive` resolves when the host has stored the message; until then the channel keeps it, and hands it over
   * again after a crash. If `receive` rejects, the channel tries again after a pause, before any later message of
   * the chat. Rejects only for a fault of this machine, which ends the start of the host: a service that is
   * offline is none.
   */
  readonly start: (receive: (message: FromPerson) => Promise<void>) => Promise<void>;
  readonly send: (
    message: ToChat,
  ) => Promise<Result<{ readonly platformMessageId: string | null }, ChannelError>>;
  /**
   * Shows what an agent is writing, at most ten times a second, until its answer comes or the message ends. Nothing of
   * it is kept.
   */
  readonly writing?: (writing: Writing) => void;
  /**
   * An agent has ended a person's message of this channel without sending an answer now. The channel tells the person the
   * reason of a failure, once, unless an order of theirs ended it. A client that waits is told of each end. The message may
   * have been answered earlier.
   */
  readonly ended: (message: EndedMessage) => Promise<void>;
  /**
   * Marks a person's message as received, in the transaction of what the host writes about it. False if
   * another host has marked it: with `isShared` each host opens the channel.
   */
  readonly claim: (transaction: Kysely<CentralTables>, id: string) => Promise<boolean>;
  /**
   * Has a person's message wait for an answer, in the transaction that asks. It stays in the channel with its files, and no
   * later message of the chat waits for it.
   */
  readonly hold: (
    transaction: Kysely<CentralTables>,
    message: Pick<FromPerson, "id" | "userId">,
    awaited: Awaited,
  ) => Promise<Hold>;
  /** Hands over again, in their order, the messages whose question has an answer, or is gone. */
  readonly questionsAnswered: () => Promise<void>;
  /**
   * The direct chat for a person who has one with the bot `stored`, or none (null). The result is null if they keep theirs, and if
   * there is no other one. On most platforms it exists once that person has written to the bot.
   */
  readonly directChat: (userId: string, stored: string | null) => Promise<DirectChat | null>;
  /** Resolves when no `receive` is at work. None begins after it. */
  readonly close: () => Promise<void>;
};
