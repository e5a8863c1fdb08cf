import { sql } from "kysely";
import type { ChannelHost } from "@gatehouse/channels";
import { takeNamed } from "@gatehouse/session-rows";

/** A bot, by its key in the database. */
export type BotKey = { readonly type: string; readonly bot: string };

/** A chat of a bot, by its key in the database. */
export type ChatKey = BotKey & { readonly chat: string };

/** Time after which a lease that is not renewed is void, ms. */
export const leaseMs = 15_000;

/** That of a host without others, which renews it with each request for updates: only `gatehouse status` reads it. */
const aloneMs = 60_000;

/** The name of the lease to receive a bot's updates. */
export const pollOf = ({ type, bot }: BotKey): string => `${type}/${bot}`;

/** Takes or renews that lease. Returns its token; null while another host has it. */
export const takePoll = async (
  { messages: db, owner, isShared }: Pick<ChannelHost, "messages" | "owner" | "isShared">,
  key: BotKey,
): Promise<number | null> => {
  const found = sql`select ${pollOf(key)}, null`;
  return takeNamed(db, found, { owner, ttlMs: isShared ? leaseMs : aloneMs });
};
