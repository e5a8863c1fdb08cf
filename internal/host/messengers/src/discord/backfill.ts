import { ok } from "@gatehouse/std";
import { unlessGone, type Piece } from "../inbox/missed.ts";
import type { DiscordApi } from "./discord-api.ts";
import { firstIdAt } from "./names.ts";
import { isThread, type DiscordChannel, type DiscordMessage } from "./read-event.ts";

/** Time before the last sign of life for which messages are read again, ms: what was on its way then, and what clocks differ. */
const marginMs = 120_000;

/** Time by which the clock of a host may be behind Discord's, ms. */
const skewMs = 2_000;

/** Messages, and servers, of one request. */
const [pageSize, guildsSize] = [100, 200];

type Guild = { readonly id: string };

type MissedOptions<Event> = {
  /** The channel that is read. Left out: all of the bot. */
  readonly only?: { readonly channel: string; readonly guild: string | null } | undefined;
  readonly api: DiscordApi;
  /** When Discord was last heard, ms since 1970. */
  readonly heard: number;
  /** The direct chats that the database knows: Discord lists none of a bot. */
  readonly directChats: () => Promise<readonly string[]>;
  /** The event of a message that was said, or changed; null if it is for nobody. */
  readonly found: (message: DiscordMessage, isEdit: boolean) => Event | null;
};

/**
 * What was said since a time in the channels and threads of the bot's servers, and in direct chats. A resumed session needs none of
 * this.
 */
export const missedSince = <Event>({
  api: { call },
  heard,
  directChats,
  found,
  only,
}: MissedOptions<Event>): readonly Piece<Event>[] => {
  const since = heard - marginMs;
  const first = firstIdAt(since);
  const eventsOf = (message: DiscordMessage): readonly Event[] => {
    const changed = Date.parse(message.edited_timestamp ?? "");
    // One that was changed before it was ever read has its last text alone.
    const isChanged = changed >= since && BigInt(message.id) < firstIdAt(heard + skewMs);
    return [found(message, false), isChanged ? found(message, true) : null].filter((one) => one !== null);
  };
  const messagesAfter = (after: bigint, id: string, guild: string | null): Piece<Event> => ({
    what: guild === null ? `the direct chat ${id}` : `the channel ${id}`,
    channel: id,
    read: async () => {
      const route = `/channels/${id}/messages?limit=${pageSize}&after=${after}` as const;
      const read = await call<readonly DiscordMessage[]>("get", route);
      if (!read.ok) return unlessGone(read);
      // From new to old.
      const said = read.value.toReversed();
      const last = said.reduce((most, { id: one }) => (BigInt(one) > most ? BigInt(one) : most), after);
      return ok({
        events: said.flatMap((one) => eventsOf(guild === null ? one : { ...one, guild_id: guild })),
        more: said.length < pageSize ? [] : [messagesAfter(last, id, guild)],
      });
    },
  });
  const channelsOf = (guild: string): Piece<Event> => ({
    what: `the server ${guild}`,
    read: async () => {
      const channels = await call<readonly DiscordChannel[]>("get", `/guilds/${guild}/channels`);
      if (!channels.ok) return unlessGone(channels);
      type Active = { readonly threads: readonly DiscordChannel[] };
      const active = await call<Active>("get", `/guilds/${guild}/threads/active`);
      if (!active.ok) return unlessGone(active);
      return ok({
        more: [...channels.value, ...active.value.threads]
          .filter((one) => hasTexts(one) && BigInt(one.last_message_id ?? 0) >= first)
          .map(({ id }) => messagesAfter(first, id, guild)),
      });
    },
  });
  const guildsAfter = (after: string): Piece<Event> => ({
    what: "its servers",
    read: async () => {
      const route = `/users/@me/guilds?limit=${guildsSize}&after=${after}` as const;
      const guilds = await call<readonly Guild[]>("get", route);
      if (!guilds.ok) return guilds;
      const last = guilds.value.at(-1);
      const next = last === undefined || guilds.value.length < guildsSize ? [] : [guildsAfter(last.id)];
      return ok({ more: [...guilds.value.map(({ id }) => channelsOf(id)), ...next] });
    },
  });
  const direct: Piece<Event> = {
    what: "its direct chats",
    read: async () => ok({ more: (await directChats()).map((id) => messagesAfter(first, id, null)) }),
  };
  return only === undefined ? [guildsAfter("0"), direct] : [messagesAfter(first, only.channel, only.guild)];
};

/** The last message of a forum is its last thread. */
const hasTexts = (channel: DiscordChannel): boolean =>
  isThread(channel) || channel.type === undefined || [0, 2, 5, 13].includes(channel.type);
