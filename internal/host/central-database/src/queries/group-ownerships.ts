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
    .select([
      "wiring.agent_group_id as groupId",
      "chat.id",
      "chat.channel_type",
      "chat.platform_id",
      "is_group",
    ])
    .execute();
  const dms = await db.selectFrom("user_dms").select(["user_id", "messaging_group_id"]).execute();
  const users = await db.selectFrom("users").select("id").execute();
  const known = new Set(users.map(({ id }) => id));
  return chats.map(({ groupId, id, channel_type, platform_id, is_group }) => {
    const found = dms.filter((dm) => dm.messaging_group_id === id).map(({ user_id }) => user_id);
    const named = userNamed(channel_type, platform_id);
    const people = new Set([...found, ...(known.has(named) ? [named] : [])]);
    // With two people, the owner of the chat is unknown.
    const userId = people.size === 1 ? ([...people][0] ?? null) : null;
    return { groupId, isDirect: is_group === 0, userId };
  });
};

/** The user whose handle is the chat's platform id, bare or with the channel before it. */
const userNamed = (channel: string, platformId: string): string =>
  platformId.startsWith(`${channel}:`) ? platformId : `${channel}:${platformId}`;
