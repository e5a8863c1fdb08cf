import { sql, type Kysely } from "kysely";
import type { ApprovalRow, CentralTables } from "@gatehouse/central-database";
import { harmless, parsedArgs } from "./approval-row.ts";

/**
 * The chats in which approvals were asked, by their sessions, by one query: `Family`, `the direct chat of Ana`,
 * `telegram:-100`. A session of several chats has none.
 */
export const chatsOf = async (
  db: Kysely<CentralTables>,
  approvals: readonly Pick<ApprovalRow, "session_id">[],
): Promise<ReadonlyMap<string, string>> => {
  const ids = [...new Set(approvals.flatMap(({ session_id: id }) => id ?? []))];
  if (ids.length === 0) return new Map();
  const rows = await namedChats(db)
    .innerJoin("sessions", "sessions.messaging_group_id", "messaging_groups.id")
    .select("sessions.id as session_id")
    .where("sessions.id", "in", ids)
    .execute();
  return new Map(rows.map((row) => [row.session_id, harmless(chatName(row))]));
};

/** Chats, with what `chatName` needs. */
const namedChats = (db: Kysely<CentralTables>) =>
  db
    .selectFrom("messaging_groups")
    .leftJoin("users", "users.id", "messaging_groups.user_id")
    .select(["messaging_groups.id as chat_id", "messaging_groups.name", "channel_type", "platform_id"])
    .select(["messaging_groups.user_id as person", "users.display_name as person_name"]);

type NamedChat = Awaited<ReturnType<ReturnType<typeof namedChats>["executeTakeFirstOrThrow"]>>;

/** What a chat is called; not yet harmless in a terminal. */
const chatName = ({ name, channel_type, platform_id, person, person_name }: NamedChat): string => {
  const direct = person === null ? null : `the direct chat of ${person_name ?? person}`;
  const place = platform_id.startsWith(`${channel_type}:`) ? platform_id : `${channel_type} ${platform_id}`;
  return name ?? direct ?? place;
};

type Asked = Pick<ApprovalRow, "kind" | "agent_group_id" | "shown">;

/**
 * What the ids in commands name, for each command a line for each flag whose value is one: `--id is the group "Home"`. The
 * command itself has the ids alone, since exactly that is approved. Names are in quotation marks: an agent may have
 * chosen them.
 */
export const namesIn = async (
  db: Kysely<CentralTables>,
  asked: readonly Asked[],
): Promise<readonly (readonly string[])[]> => {
  const flags = asked.map(({ kind, shown }) =>
    kind === "command"
      ? Object.entries(parsedArgs(shown)).flatMap(([flag, value]) =>
          typeof value === "string" ? [[flag, value] as const] : [],
        )
      : [],
  );
  const ids = [...new Set(flags.flat().map(([, value]) => value))];
  if (ids.length === 0) return asked.map(() => []);
  const names = await namesOf(db, ids);
  return asked.map(({ agent_group_id: own }, index) =>
    (flags[index] ?? []).flatMap(([flag, id]) => {
      const named = names.get(id);
      if (named === undefined) return [];
      const what = id === own ? "its own group" : named.what;
      return [`--${flag.replaceAll("_", "-")} is ${what} ${harmless(JSON.stringify(named.name))}`];
    }),
  );
};

type Named = { readonly what: string; readonly name: string };

/** The names of groups, people, chats and the groups of sessions, by their ids. */
const namesOf = async (
  db: Kysely<CentralTables>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Named>> => {
  const called = await db
    .selectFrom("agent_groups")
    .select(["id", "name", sql<string>`'the group'`.as("what")])
    .where("id", "in", ids)
    .unionAll(
      db
        .selectFrom("sessions")
        .innerJoin("agent_groups", "agent_groups.id", "sessions.agent_group_id")
        .select(["sessions.id", "agent_groups.name", sql<string>`'a session of'`.as("what")])
        .where("sessions.id", "in", ids),
    )
    .unionAll(
      db
        .selectFrom("users")
        .select([
          "id",
          ({ ref }) => ref("display_name").$notNull().as("name"),
          sql<string>`'the person'`.as("what"),
        ])
        .where("id", "in", ids)
        .where("display_name", "is not", null),
    )
    .execute();
  const chats = await namedChats(db).where("messaging_groups.id", "in", ids).execute();
  return new Map([
    ...called.map(({ id, name, what }) => [id, { what, name }] as const),
    ...chats.map((chat) => [chat.chat_id, { what: "the chat", name: chatName(chat) }] as const),
  ]);
};
