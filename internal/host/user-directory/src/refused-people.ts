import type { User } from "@nc/user-wizard";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { userIdOf } from "./user-id.ts";

/** Refuses all messages of these users from now on, also after a restart of the host. */
export const refusePeople = async (
  transaction: Kysely<CentralTables>,
  users: readonly User[],
  at: string,
): Promise<void> => {
  const rows = users.map((user) => ({
    user_id: userIdOf(user),
    refused_at: at,
    reason: "removed from users.yaml",
  }));
  await transaction
    .insertInto("refused_people")
    .values(rows)
    .onConflict((there) => there.doNothing())
    .execute();
};

/** Accepts messages of these users again. */
export const admitPeople = async (
  transaction: Kysely<CentralTables>,
  users: readonly User[],
): Promise<void> => {
  await transaction.deleteFrom("refused_people").where("user_id", "in", users.map(userIdOf)).execute();
};

/** The ids of all refused users. */
export const refusedPeople = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const rows = await db.selectFrom("refused_people").select("user_id").orderBy("user_id").execute();
  return rows.map(({ user_id: id }) => id);
};
