import type { Kysely, SelectQueryBuilder } from "kysely";
import type { Actor } from "@nc/cli-scope";
import type { CentralTables } from "@gatehouse/central-database";
import type { Concerned } from "./concerned-groups.ts";

/**
 * Users who may answer: owners, admins of all groups, and admins of every group that the command concerns. An
 * owner row that names a group gives no rights, as in nanoclaw's isOwner
 * (src/modules/permissions/db/user-roles.ts). A person who left users.yaml keeps the roles that `ncl`
 * granted, so refused people are left out here.
 */
export const answering = (
  db: Kysely<CentralTables>,
  concerned: Concerned,
): SelectQueryBuilder<CentralTables, "user_roles", { user_id: string }> =>
  db
    .selectFrom("user_roles")
    .select("user_id")
    .where("user_id", "not in", (eb) => eb.selectFrom("refused_people").select("user_id"))
    .where((eb) => {
      if (concerned === "operator") return eb.lit(false);
      const adminsOf = (group: string) =>
        eb
          .selectFrom("user_roles")
          .select("user_id")
          .where("role", "=", "admin")
          .where("agent_group_id", "=", group);
      return eb.or([
        eb("agent_group_id", "is", null),
        ...(concerned === "all"
          ? []
          : [eb.and(concerned.map((group) => eb("user_id", "in", adminsOf(group))))]),
      ]);
    });

/** Whether at least one user may answer. */
export const hasApprover = async (db: Kysely<CentralTables>, concerned: Concerned): Promise<boolean> =>
  (await answering(db, concerned).limit(1).executeTakeFirst()) !== undefined;

/** Whether an actor may answer. The operator at the socket counts as owner. An agent may answer nothing. */
export const mayAnswer = async (
  db: Kysely<CentralTables>,
  actor: Actor,
  concerned: Concerned,
): Promise<boolean> => {
  if (actor.type !== "user") return actor.type === "host";
  const role = await answering(db, concerned).where("user_id", "=", actor.userId).executeTakeFirst();
  return role !== undefined;
};
