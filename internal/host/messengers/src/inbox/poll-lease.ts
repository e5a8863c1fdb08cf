import { sql, type Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
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
  db: Kysely<CentralTables>,
  key: BotKey,
  { owner, isAlone }: { readonly owner: string; readonly isAlone: boolean },
): Promise<number | null> => {
  const found = sql`select ${pollOf(key)}, null`;
  const taken = await takeNamed(db, found, { owner, ttlMs: isAlone ? aloneMs : leaseMs });
  return taken?.token ?? null;
};
