import type { Kysely } from "kysely";
import { ownershipOf, type Ownership, type WiredChat } from "@nc/container-config";
import type { CentralTables } from "../tables.ts";

/** A group, and whether it is an owner's own. */
export type OwnedGroup = {
  readonly id: string;
  readonly folder: string;
  readonly ownership: Ownership;
};

/** All agent groups, the oldest first, each with its ownership by its wired chats. */
export const groupOwnerships = async (db: Kysely<CentralTables>): Promise<readonly OwnedGroup[]> => {
  const groups = await db
    .selectFrom("agent_groups")
    .select(["id", "folder"])
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  const owners = await readOwners(db);
  const chats = await readChats(db);
  return groups.map((group) => {
    const wired = chats.filter(({ groupId }) => groupId === group.id);
    return { ...group, ownership: ownershipOf(wired, owners) };
  });
};

/** The owners of the host. An owner row that names a group gives no rights. */
const readOwners = async (db: Kysely<CentralTables>): Promise<ReadonlySet<string>> => {
  const rows = await db
    .selectFrom("user_roles")
    .select("user_id")
    .where("role", "=", "owner")
    .where("agent_group_id", "is", null)
    .execute();
  return new Set(rows.map(({ user_id }) => user_id));
};

type GroupsChat = WiredChat & { readonly groupId: string };

const readChats = async (db: Kysely<CentralTables>): Promise<readonly GroupsChat[]> => {
  const chats = await db
    .selectFrom("messaging_group_agents as wiring")
    .innerJoin("messaging_groups as chat", "chat.id", "wiring.messaging_group_id")
    .select(["wiring.agent_group_id as groupId", "chat.user_id as userId", "chat.is_group"])
    .execute();
  return chats.map(({ groupId, userId, is_group }) => ({ groupId, isDirect: is_group === 0, userId }));
};
