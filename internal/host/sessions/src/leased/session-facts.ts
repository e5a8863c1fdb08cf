import type { Exit } from "@nc/container-runtime";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { reservedIn } from "@gatehouse/group-workspace";
import type { Address, Destination } from "@gatehouse/session-rows/messages";

type Db = Kysely<CentralTables>;

/** A session with the group it belongs to. */
export type SessionFacts = {
  readonly id: string;
  readonly status: string;
  readonly containerStatus: string;
  /** How its newest container exited, if another host has seen it; else null. */
  readonly exit: Exit | null;
  readonly incarnation: number;
  readonly chatId: string | null;
  readonly group: {
    readonly id: string;
    readonly name: string;
    /** The name of its agent; null if the agent has the group's name. */
    readonly assistant: string | null;
    readonly folder: string;
  };
  /** The session's own chat and thread; all null for a session of several chats. */
  readonly routing: Address;
  /** The name of the bot that is in the chat. */
  readonly instance: string;
};

/** A chat, or a thread of it. */
export type Place = {
  readonly channelType: string;
  readonly platformId: string;
  readonly threadId: string | null;
};

/** The place of a person's message, or of a session. Null for the messages of agents and of the host, and for several chats. */
export const placeIn = (
  from: (Address & { readonly sourceSessionId?: string | null }) | null,
): Place | null => {
  const { channelType = null, platformId = null, threadId = null, sourceSessionId = null } = from ?? {};
  return channelType === null || platformId === null || sourceSessionId !== null
    ? null
    : { channelType, platformId, threadId };
};

/** Null if the session or its group is gone. */
export const sessionFacts = async (db: Db, sessionId: string): Promise<SessionFacts | null> => {
  const row = await db
    .selectFrom("sessions")
    .innerJoin("agent_groups", "agent_groups.id", "sessions.agent_group_id")
    .leftJoin("container_configs as config", "config.agent_group_id", "sessions.agent_group_id")
    .leftJoin("messaging_groups", "messaging_groups.id", "sessions.messaging_group_id")
    .select(["sessions.id", "sessions.status", "container_status as containerStatus", "incarnation"])
    .select(["container_exit", "messaging_group_id as chatId", "thread_id as threadId"])
    .select(["agent_groups.id as groupId", "agent_groups.name", "agent_groups.folder"])
    .select(["assistant_name as assistant", "channel_type as channelType", "platform_id as platformId"])
    .select("instance")
    .where("sessions.id", "=", sessionId)
    .executeTakeFirst();
  if (row === undefined) return null;
  const { container_exit: exit, groupId, name, assistant, folder, instance, ...session } = row;
  const { channelType, platformId, threadId, ...facts } = session;
  return {
    ...facts,
    exit: exitIn(exit),
    group: { id: groupId, name, assistant, folder },
    routing: { channelType, platformId, threadId },
    instance: instance ?? "",
  };
};

const exitIn = (text: string | null): Exit | null =>
  text === null ? null : { ...(JSON.parse(text) as Pick<Exit, "code" | "signal">), lastLines: [] };

/**
 * The name that an agent speaks under. It contains the group's name, because a group's pipe prints the texts
 * of that group.
 */
export const senderNameOf = ({ name, assistant }: SessionFacts["group"]): string =>
  assistant === null || assistant === name || reservedIn(assistant) !== null
    ? name
    : `${assistant} (${name})`;

/** Whether a session's row was deleted, not only closed. */
export const isDeleted = async (db: Db, sessionId: string): Promise<boolean> =>
  (await db.selectFrom("sessions").select("id").where("id", "=", sessionId).executeTakeFirst()) === undefined;

/**
 * The destinations of a group's agents, with the agents' names for them. A destination whose target is gone
 * is left out.
 */
export const destinationsOf = async (db: Db, groupId: string): Promise<readonly Destination[]> => {
  const rows = await db
    .selectFrom("agent_destinations")
    .leftJoin("messaging_groups", (join) =>
      join
        .onRef("messaging_groups.id", "=", "agent_destinations.target_id")
        .on("agent_destinations.target_type", "=", "channel"),
    )
    .leftJoin("agent_groups", (join) =>
      join
        .onRef("agent_groups.id", "=", "agent_destinations.target_id")
        .on("agent_destinations.target_type", "=", "agent"),
    )
    .select(["local_name as name", "messaging_groups.name as chat", "agent_groups.name as group"])
    .select(["channel_type as channelType", "platform_id as platformId", "agent_groups.id as agentGroupId"])
    .where("agent_destinations.agent_group_id", "=", groupId)
    .orderBy("local_name")
    .execute();
  return rows.flatMap(({ chat, group, ...row }) => {
    if (row.agentGroupId === null && row.channelType === null) return [];
    const type = row.agentGroupId === null ? ("channel" as const) : ("agent" as const);
    return [{ ...row, displayName: chat ?? group, type }];
  });
};

/** Ids of all active sessions. */
export const activeSessions = async (db: Db): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom("sessions")
    .select("id")
    .where("status", "=", "active")
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  return rows.map(({ id }) => id);
};

/** The bot for a chat that this group may send to: the session's own bot if that bot is in the chat. */
export const instanceOf = async (
  db: Db,
  { channelType, platformId, preferred }: { channelType: string; platformId: string; preferred: string },
): Promise<string | null> => {
  const rows = await db
    .selectFrom("messaging_groups")
    .select("instance")
    .where("channel_type", "=", channelType)
    .where("platform_id", "=", platformId)
    .orderBy("instance")
    .execute();
  const instances = rows.map(({ instance }) => instance);
  return instances.find((instance) => instance === preferred) ?? instances[0] ?? null;
};
