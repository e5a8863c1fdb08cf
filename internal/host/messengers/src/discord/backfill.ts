import { ok, type Result } from "@gatehouse/std";
import type { CallError } from "../messenger.ts";
import type { DiscordApi } from "./discord-api.ts";
import { firstIdAt } from "./names.ts";
import { isThread, type DiscordChannel, type DiscordMessage } from "./read-event.ts";

/** Time before the last sign of life for which messages are read again, ms: what was on its way then, and what clocks differ. */
const marginMs = 120_000;

/** Time by which the clock of a host may be behind Discord's, ms. */
const skewMs = 2_000;

/** Messages of one request, and most requests for a channel: of a channel with more, the later ones are not read. */
const [pageSize, mostPages] = [100, 20];

/** Servers of one request. */
const guildsSize = 200;

type Guild = { readonly id: string };

/** A message that was said, or changed: `isEdit`. */
export type Missed = { readonly message: DiscordMessage; readonly isEdit: boolean };

/**
 * What was said since a time (ms since 1970) in the channels and threads of the bot's servers, and in these direct chats: Discord
 * lists no direct chats of a bot. A resumed session needs none of this.
 */
export const messagesSince = async (
  { call }: DiscordApi,
  heard: number,
  directChats: readonly string[],
): Promise<Result<readonly Missed[], CallError>> => {
  const since = heard - marginMs;
  const first = firstIdAt(since);
  const channels = await channelsSince({ call }, first);
  if (!channels.ok) return channels;
  const found: Missed[] = [];
  for (const { id, guild } of [
    ...channels.value,
    ...directChats.map((chat) => ({ id: chat, guild: undefined })),
  ]) {
    let after = first;
    for (let page = 0; page < mostPages; page += 1) {
      const read = await call<readonly DiscordMessage[]>(
        "get",
        `/channels/${id}/messages?limit=${pageSize}&after=${after}`,
      );
      if (!read.ok && isGone(read.error)) break;
      if (!read.ok) return read;
      for (const message of read.value) {
        const said = guild === undefined ? message : { ...message, guild_id: guild };
        found.push({ message: said, isEdit: false });
        const changed = Date.parse(said.edited_timestamp ?? "");
        // One that was changed before it was ever read has its last text alone.
        if (changed >= since && BigInt(said.id) < firstIdAt(heard + skewMs))
          found.push({ message: said, isEdit: true });
      }
      after = read.value.reduce((last, { id: one }) => (BigInt(one) > last ? BigInt(one) : last), after);
      if (read.value.length < pageSize) break;
    }
  }
  return ok(found);
};

type ListedChannel = { readonly id: string; readonly guild: string };

/** The channels and threads in which something was said since then. */
const channelsSince = async (
  { call }: DiscordApi,
  first: bigint,
): Promise<Result<readonly ListedChannel[], CallError>> => {
  const found: ListedChannel[] = [];
  let after = "0";
  for (;;) {
    const guilds = await call<readonly Guild[]>(
      "get",
      `/users/@me/guilds?limit=${guildsSize}&after=${after}`,
    );
    if (!guilds.ok) return guilds;
    for (const { id: guild } of guilds.value) {
      const channels = await call<readonly DiscordChannel[]>("get", `/guilds/${guild}/channels`);
      if (!channels.ok && isGone(channels.error)) continue;
      if (!channels.ok) return channels;
      const active = await call<{ readonly threads: readonly DiscordChannel[] }>(
        "get",
        `/guilds/${guild}/threads/active`,
      );
      // The bot was put out meanwhile. The answer before is kept, so an error would come back for ever.
      if (!active.ok && isGone(active.error)) continue;
      if (!active.ok) return active;
      for (const channel of [...channels.value, ...active.value.threads])
        if (hasTexts(channel) && BigInt(channel.last_message_id ?? 0) >= first)
          found.push({ id: channel.id, guild });
    }
    const last = guilds.value.at(-1);
    if (last === undefined || guilds.value.length < guildsSize) return ok(found);
    after = last.id;
  }
};

/** The last message of a forum is its last thread. */
const hasTexts = (channel: DiscordChannel): boolean =>
  isThread(channel) || channel.type === undefined || [0, 2, 5, 13].includes(channel.type);

/** The bot may not see it, or it is gone meanwhile. */
const isGone = ({ code }: CallError): boolean =>
  code === "muted" || code === "no-such-chat" || code === "refused";
