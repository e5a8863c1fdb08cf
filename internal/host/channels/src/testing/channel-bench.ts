import { expect, onTestFinished } from "vitest";
import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";
import type { CardAnswer } from "@gatehouse/approvals";
import type { Channel, FromPerson, ToChat } from "../channel.ts";
import type { Card } from "@gatehouse/std";

/** A file that contains a text. */
export type TextFile = { readonly name: string; readonly text: string };

/** A message as a person sees it in their chat. */
export type Seen = {
  readonly id: string;
  readonly text: string;
  readonly card: Card | null;
  readonly files: readonly TextFile[];
};

/** A channel's platform, with a person who has a direct chat with the bot. */
export type ChannelBench = {
  /** The channel on this platform. Opened again after its close, it is the channel of a restarted host. */
  readonly open: () => Channel;
  /** The database of the host. */
  readonly db: Kysely<CentralTables>;
  readonly userId: string;
  /** The person's chat. */
  readonly platformId: string;
  /** A user of this platform with whom no chat can be begun. */
  readonly strangerId: string;
  /** The person sends a message. Resolves with its id when the platform has stored it. */
  readonly say: (text: string, files?: readonly TextFile[]) => Promise<string>;
  /** The person changes a message; null on a platform where no message can be changed. */
  readonly edit: ((id: string, text: string) => void) | null;
  readonly answer: (answer: CardAnswer) => Promise<void>;
  /** The messages that the person sees, from the first one on. */
  readonly seen: () => Promise<readonly Seen[]>;
};

/** Of a channel that receives nothing. */
export const noInbox: Pick<Channel, "claim" | "hold" | "questionsAnswered"> = {
  claim: async () => expect.fail("nothing was received"),
  hold: async () => expect.fail("nothing was received"),
  questionsAnswered: async () => undefined,
};

export type Received = {
  readonly messages: FromPerson[];
  readonly receive: (message: FromPerson) => Promise<void>;
};
export const receiver = (): Received => {
  const messages: FromPerson[] = [];
  return { messages, receive: async (message) => void messages.push(message) };
};
export const started = async (channel: Channel, receive: Received["receive"]): Promise<Channel> => {
  await channel.start(receive);
  onTestFinished(() => channel.close());
  return channel;
};
/** A message of an agent to a chat. */
export const messageTo = (platformId: string, more: Partial<ToChat> = {}): ToChat => ({
  id: "re-1",
  platformId,
  instance: "",
  threadId: null,
  text: "pong",
  inReplyTo: null,
  from: "Ana",
  ...more,
});

export type MakeBench = () => Promise<ChannelBench>;
