import { onTestFinished } from "vitest";
import type { Card, Channel, FromPerson, ToChat } from "../channel.ts";

/** A file with a text in it. */
export type TextFile = { readonly name: string; readonly text: string };

/** A message as a person sees it in their chat. */
export type Seen = {
  readonly id: string;
  readonly text: string;
  readonly card: Card | null;
  readonly files: readonly TextFile[];
};

/** A channel's platform, with a person on it who has a direct chat with the bot. */
export type ChannelBench = {
  /** The channel on this platform. Opened again after it was closed, it is the one of a restarted host. */
  readonly open: () => Channel;
  readonly userId: string;
  /** The person's chat. */
  readonly platformId: string;
  /** Somebody of this platform whom no chat can be begun with. */
  readonly strangerId: string;
  /** The person writes. Resolves with the message's id when the platform has it. */
  readonly say: (text: string, files?: readonly TextFile[]) => Promise<string>;
  readonly answer: (cardId: string, option: string) => Promise<void>;
  /** What the person sees, from the first message on. */
  readonly seen: () => Promise<readonly Seen[]>;
};

export type Taken = {
  readonly messages: FromPerson[];
  readonly take: (message: FromPerson) => Promise<void>;
};
export const taker = (): Taken => {
  const messages: FromPerson[] = [];
  return { messages, take: async (message) => void messages.push(message) };
};
export const started = async (channel: Channel, take: Taken["take"]): Promise<Channel> => {
  await channel.start(take);
  onTestFinished(() => channel.close());
  return channel;
};
export const to = (platformId: string, more: Partial<ToChat> = {}): ToChat => ({
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
