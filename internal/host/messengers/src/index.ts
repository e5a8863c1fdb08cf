import type { Channel, ChannelHost } from "@gatehouse/channels";
import type { MessengerBot } from "@gatehouse/data-folder";
import { messengerChannel, type MessengerOptions } from "./messenger-channel.ts";
import { messengers } from "./messengers.ts";

/** The channels of the messengers that have a bot. */
export const messengerChannels = (
  bots: readonly MessengerBot[],
  options: Omit<MessengerOptions, "bots"> = {},
): readonly ((host: ChannelHost) => Channel)[] =>
  messengers.flatMap((messenger) => {
    const own = bots.filter(({ type }) => type === messenger.type);
    return own.length === 0
      ? []
      : [(host: ChannelHost): Channel => messengerChannel(messenger, host, { ...options, bots: own })];
  });
