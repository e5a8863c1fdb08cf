import type { Kysely } from "kysely";
import type { Actor } from "@nc/cli-scope";
import type { CentralTables } from "../database/tables.ts";

/** The agent group that asks, and the scope it asks with. */
export type Asking = { readonly agent_group_id: string; readonly scope: string };

/**
 * Who may answer: an owner, an admin of all groups, or an admin of the group that asks. What an agent of scope `global` asks
 * for may reach every group, so there an admin of one is not enough.
 */
const answering = (db: Kysely<CentralTables>, { agent_group_id: group, scope }: Asking) =>
  db
    .selectFrom("user_roles")
    .select("user_id")
    .where((eb) =>
      eb.or([
        eb("role", "=", "owner"),
        eb("agent_group_id", "is", null),
        ...(scope === "global" ? [] : [eb("agent_group_id", "=", group)]),
      ]),
    );

/** Whether there is anybody to ask. */
export const hasApprover = async (db: Kysely<CentralTables>, asking: Asking): Promise<boolean> =>
  (await answering(db, asking).limit(1).executeTakeFirst()) !== undefined;

/** The operator at the socket counts as owner; an agent answers nothing. */
export const mayAnswer = async (
  db: Kysely<CentralTables>,
  actor: Actor,
  asking: Asking,
): Promise<boolean> => {
  if (actor.type !== "user") return actor.type === "host";
  const role = await answering(db, asking).where("user_id", "=", actor.userId).executeTakeFirst();
  return role !== undefined;
};

/** Whose approvals an actor is shown: all of them, or those of these groups. */
export const visibleGroups = async (
  db: Kysely<CentralTables>,
  actor: Actor,
): Promise<"all" | readonly string[]> => {
  if (actor.type === "host") return "all";
  if (actor.type === "agent") return [actor.groupId];
  const roles = await db
    .selectFrom("user_roles")
    .select(["role", "agent_group_id"])
    .where("user_id", "=", actor.userId)
    .execute();
  const everywhere = roles.some(({ role, agent_group_id }) => role === "owner" || agent_group_id === null);
  return everywhere ? "all" : roles.flatMap(({ agent_group_id }) => agent_group_id ?? []);
};
