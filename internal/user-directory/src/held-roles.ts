import type { CentralTables } from "@gatehouse/control-plane";
import type { Kysely } from "kysely";
import { madeAdmin } from "./file-users.ts";

/** A role that a person keeps when users.yaml no longer has them. */
export type HeldRole = { readonly role: string; readonly agentGroupId: string | null };

export type HeldRoles = {
  /** Granted by `ncl roles`, not by the file. */
  readonly byHand: readonly HeldRole[];
  /** Nobody else owns the host. */
  readonly isOnlyOwner: boolean;
};

/** The roles that the person `telegram:N` has besides those of users.yaml. */
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
