import type { Kysely } from "kysely";
import { type CentralTables, databaseTime } from "@gatehouse/central-database";

type Database = Kysely<CentralTables>;

/** A bot, by its key in the database. */
export type BotKey = { readonly type: string; readonly bot: string };

/** A chat of a bot, by its key in the database. */
export type ChatKey = BotKey & { readonly chat: string };

/** Time after which a lease that is not renewed is void, ms. */
export const leaseMs = 15_000;

/** That of a host without others, which renews it with each request for updates: only `gatehouse status` reads it. */
const aloneMs = 60_000;

/**
 * Takes or renews the lease to receive a bot's updates. Returns its token, which rises with each new owner; null while another
 * host has it. With `isAlone` no other host can have it, so a lease of a killed host is taken at once.
 */
export const takePollLease = (
  db: Database,
  { type, bot }: BotKey,
  { owner, isAlone }: { readonly owner: string; readonly isAlone: boolean },
): Promise<number | null> =>
  db.transaction().execute(async (transaction) => {
    await transaction
      .insertInto("messenger_bots")
      .columns(["type", "bot", "lease_token"])
      .values({ type, bot, lease_token: 0 })
      .onConflict((there) => there.doNothing())
      .execute();
    const taken = await transaction
      .updateTable("messenger_bots")
      .set((eb) => ({
        lease_token: eb
          .case()
          .when("lease_owner", "=", owner)
          .then(eb.ref("lease_token"))
          .else(eb("lease_token", "+", 1))
          .end(),
        lease_owner: owner,
        lease_until: databaseTime(db, isAlone ? aloneMs : leaseMs),
      }))
      .where("type", "=", type)
      .where("bot", "=", bot)
      .where((eb) =>
        eb.or([
          eb("lease_owner", "=", owner),
          eb("lease_until", "is", null),
          eb("lease_until", "<=", databaseTime(db)),
          ...(isAlone ? [eb.lit(true)] : []),
        ]),
      )
      .returning("lease_token")
      .executeTakeFirst();
    return taken?.lease_token ?? null;
  });

/**
 * Checks the token within the transaction that stores updates. An expired lease still counts: the next owner raises the token
 * first, and waits for this transaction.
 */
export const hasPollLease = async (
  transaction: Database,
  { type, bot }: BotKey,
  token: number,
): Promise<boolean> => {
  const { numUpdatedRows } = await transaction
    .updateTable("messenger_bots")
    // Locks the row until the end of the transaction.
    .set({ lease_token: token })
    .where("type", "=", type)
    .where("bot", "=", bot)
    .where("lease_token", "=", token)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
};

/** Gives the lease back, so that another host takes it at once. */
export const givePollLeaseBack = async (
  db: Database,
  { type, bot }: BotKey,
  token: number,
): Promise<void> => {
  await db
    .updateTable("messenger_bots")
    .set({ lease_until: null })
    .where("type", "=", type)
    .where("bot", "=", bot)
    .where("lease_token", "=", token)
    .execute();
};
