import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";

/** A person who wrote, and the group that they may write to from now on. */
type Admitted = {
  readonly userId: string;
  readonly userName: string | null;
  readonly groupId: string;
  /** The person who answered, in the form of `answered_by`. */
  readonly by: string | null;
  readonly at: string;
};

/** Makes a person a member of a group. Adds a row of `users` for a person who has none. */
export const admitSender = async (
  db: Kysely<CentralTables>,
  { userId, userName, groupId, by, at }: Admitted,
): Promise<void> => {
  const kind = userId.slice(0, Math.max(0, userId.indexOf(":")));
  await db
    .insertInto("users")
    .values({ id: userId, kind, display_name: userName, created_at: at })
    .onConflict((there) => there.doNothing())
    .execute();
  await db
    .insertInto("agent_group_members")
    .values({ user_id: userId, agent_group_id: groupId, added_by: personIn(by), added_at: at })
    .onConflict((there) => there.doNothing())
    .execute();
};

/** The user id in `answered_by`; null for the operator at the socket, who is not a user. */
const personIn = (answeredBy: string | null): string | null =>
  answeredBy?.startsWith("user:") === true ? answeredBy.slice("user:".length) : null;
