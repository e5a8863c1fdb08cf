import type { Kysely } from "kysely";
import type { CentralTables } from "../../database/tables.ts";

/** Somebody who wrote, and the group that they may write to from now on. */
type Admitted = {
  readonly userId: string;
  readonly userName: string | null;
  readonly groupId: string;
  /** As in `answered_by`. */
  readonly by: string | null;
  readonly at: string;
};

/** Makes a person a member of a group, and known if they were not. */
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

/** The operator at the socket is no person. */
const personIn = (answeredBy: string | null): string | null =>
  answeredBy?.startsWith("user:") === true ? answeredBy.slice("user:".length) : null;
