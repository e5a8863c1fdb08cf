import type { CentralTables } from "@gatehouse/central-database";
import type { Kysely } from "kysely";
import { madeAdmin } from "./file-users.ts";

/** A role that a person keeps after they are removed from users.yaml. */
export type HeldRole = {
  readonly userId: string;
  readonly role: string;
  readonly agentGroupId: string | null;
};

export type HeldRoles = {
  /** The roles that `ncl roles` granted, not the file. */
  readonly byHand: readonly HeldRole[];
  /** True if the host has no other owner. */
  readonly isOnlyOwner: boolean;
};

/** Reads the roles of a person with these ids (`telegram:7`) that do not come from users.yaml. */
export const heldRoles = async (
  db: Kysely<CentralTables>,
  userIds: readonly string[],
): Promise<HeldRoles> => {
  const rows = await db
    .selectFrom("user_roles")
    .select(["user_id as userId", "role", "agent_group_id as agentGroupId"])
    .where("user_id", "in", userIds)
    .orderBy("role")
    .orderBy("agent_group_id")
    .execute();
  const file = await db
    .selectFrom("file_users")
    .select(["user_id as userId", "entry"])
    .where("user_id", "in", userIds)
    .execute();
  const isFromFile = ({ userId, role, agentGroupId }: HeldRole): boolean =>
    role === "admin" &&
    agentGroupId === null &&
    file.some((row) => row.userId === userId && madeAdmin(row.entry));
  const isOwner = ({ role, agentGroupId }: HeldRole): boolean => role === "owner" && agentGroupId === null;
  const owners = await db
    .selectFrom("user_roles")
    .select("user_id")
    .where("role", "=", "owner")
    .where("agent_group_id", "is", null)
    .where("user_id", "not in", userIds)
    .limit(1)
    .execute();
  return {
    byHand: rows.filter((row) => !isFromFile(row)),
    isOnlyOwner: rows.some(isOwner) && owners.length === 0,
  };
};
