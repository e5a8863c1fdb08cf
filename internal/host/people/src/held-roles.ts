import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";
import { madeAdmin } from "./file-users.ts";

/** A role that a person keeps after they are removed from users.yaml. */
export type HeldRole = { readonly role: string; readonly agentGroupId: string | null };

export type HeldRoles = {
  /** The roles that `ncl roles` granted, not the file. */
  readonly byHand: readonly HeldRole[];
  /** True if the host has no other owner. */
  readonly isOnlyOwner: boolean;
};

/** Reads the roles of the person `telegram:N` that do not come from users.yaml. */
export const heldRoles = async (db: Kysely<CentralTables>, userId: string): Promise<HeldRoles> => {
  const rows = await db
    .selectFrom("user_roles")
    .select(["role", "agent_group_id as agentGroupId"])
    .where("user_id", "=", userId)
    .orderBy("role")
    .orderBy("agent_group_id")
    .execute();
  const file = await db.selectFrom("file_users").select("entry").where("user_id", "=", userId).execute();
  const isFromFile = ({ role, agentGroupId }: HeldRole): boolean =>
    role === "admin" && agentGroupId === null && file.some(({ entry }) => madeAdmin(entry));
  const isOwner = ({ role, agentGroupId }: HeldRole): boolean => role === "owner" && agentGroupId === null;
  const owners = await db
    .selectFrom("user_roles")
    .select("user_id")
    .where("role", "=", "owner")
    .where("agent_group_id", "is", null)
    .where("user_id", "!=", userId)
    .limit(1)
    .execute();
  return {
    byHand: rows.filter((row) => !isFromFile(row)),
    isOnlyOwner: rows.some(isOwner) && owners.length === 0,
  };
};
