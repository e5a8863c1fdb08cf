import { sql, type Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { fieldsOf, parseJson, textOf } from "@gatehouse/std";

type Database = Kysely<CentralTables>;

/** What the agents of a group do. */
export type GroupState = {
  readonly id: string;
  readonly provider: string | null;
  /** Null for the model that the provider chooses. */
  readonly model: string | null;
  /** Active sessions, and those of them whose agent runs. */
  readonly sessions: number;
  readonly running: number;
  /** Approvals and questions that wait for a person. */
  readonly waits: number;
  /** ISO 8601 in UTC. */
  readonly lastMessageAt: string | null;
};

/** The states of all groups, by three queries. `now`, ISO 8601 in UTC, leaves out approvals whose time is over. */
export const groupStates = async (db: Database, now: string): Promise<readonly GroupState[]> => {
  const groups = await db
    .selectFrom("agent_groups")
    .leftJoin("container_configs", "container_configs.agent_group_id", "agent_groups.id")
    .select(["agent_groups.id", "provider", "model"])
    .execute();
  const sessions = await db
    .selectFrom("sessions")
    .select(["agent_group_id as group", "container_status as container"])
    // The newest message of each session, by the index of its numbers.
    .select((eb) =>
      eb
        .selectFrom("session_messages_in as message")
        .select("timestamp")
        .whereRef("message.session_id", "=", "sessions.id")
        .where("kind", "<>", "system")
        .orderBy("seq", "desc")
        .limit(1)
        .as("last"),
    )
    .where("status", "=", "active")
    .execute();
  const waiting = await db
    .selectFrom("pending_approvals")
    .select(["agent_group_id as group", ({ fn }) => fn.countAll().as("count")])
    .where("status", "=", "pending")
    .where("expires_at", ">", now)
    .groupBy("agent_group_id")
    .execute();
  const waits = new Map(waiting.map(({ group, count }) => [group, Number(count)]));
  const sessionsOf = new Map<string, (typeof sessions)[number][]>();
  for (const session of sessions) {
    const own = sessionsOf.get(session.group) ?? [];
    own.push(session);
    sessionsOf.set(session.group, own);
  }
  return groups.map(({ id, provider, model }) => {
    const own = sessionsOf.get(id) ?? [];
    return {
      id,
      provider,
      model,
      sessions: own.length,
      running: own.filter(({ container }) => container === "running").length,
      waits: waits.get(id) ?? 0,
      lastMessageAt:
        own
          .flatMap(({ last }) => last ?? [])
          .toSorted()
          .at(-1) ?? null,
    };
  });
};

/** The messages of a session that an agent has not answered yet. */
export type OpenMessages = {
  readonly sessionId: string;
  readonly count: number;
  /** When the first of them was taken in work, ISO 8601 in UTC; null while none is. */
  readonly inWorkSince: string | null;
};

/** The unanswered messages of each session that has some. */
export const openMessages = async (db: Database): Promise<readonly OpenMessages[]> => {
  const rows = await db
    .selectFrom("session_messages_in")
    .select("session_id as sessionId")
    .select(({ fn }) => [fn.countAll().as("count"), fn.min("claimed_at").as("inWorkSince")])
    // Literals instead of parameters: SQLite uses a partial index only if the statement has its condition.
    .where("status", "=", sql.lit("pending" as const))
    .where("kind", "<>", sql.lit("system" as const))
    .where("trigger", "=", sql.lit(1 as const))
    .groupBy("session_id")
    .execute();
  return rows.map(({ count, ...row }) => ({ ...row, count: Number(count) }));
};

/** A message that has a text. */
export type FoundMessage = {
  readonly sessionId: string;
  readonly groupId: string;
  /** `in` was written to the agent. */
  readonly direction: "in" | "out";
  readonly at: string;
  readonly text: string;
};

/** The messages of all sessions that have a text, in any case of ASCII letters, the newest first. */
export const findMessages = async (
  db: Database,
  text: string,
  limit: number,
): Promise<readonly FoundMessage[]> => {
  // Contents are JSON, in which a quotation mark has a backslash before it.
  const pattern = `%${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const found: FoundMessage[] = [];
  for (const [direction, table] of [
    ["in", "session_messages_in"],
    ["out", "session_messages_out"],
  ] as const) {
    const rows = await db
      .selectFrom(table)
      .innerJoin("sessions", "sessions.id", `${table}.session_id`)
      .select([`${table}.session_id as sessionId`, "agent_group_id as groupId", "timestamp as at", "content"])
      .where("kind", "in", ["chat", "task"])
      .where(sql<boolean>`lower(content) like lower(${pattern}) escape '\\'`)
      .orderBy("timestamp", "desc")
      .limit(limit)
      .execute();
    for (const { content, ...row } of rows)
      found.push({ ...row, direction, text: textOf(fieldsOf(parseJson(content))["text"]) });
  }
  return found.toSorted((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0)).slice(0, limit);
};
