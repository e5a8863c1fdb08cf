import type { Kysely } from "kysely";
import { groupMeant } from "@gatehouse/dispatch";
import type { CentralTables } from "@gatehouse/central-database";
import { edits, fail, nearest, ok, visible, type Result } from "@gatehouse/std";
import { notServed } from "./frames.ts";

/** Why a chat is refused. */
export type ChatRefusal = { readonly code: string; readonly message: string };

export type Speaker = { readonly id: string; readonly name: string | null };
export type Group = { readonly id: string; readonly name: string; readonly folder: string };

type Database = Kysely<CentralTables>;

const lower = (text: string): string => text.toLowerCase();

/** Finds the group that a text names, by the same rule as `ncl`. */
export const findGroup = async (db: Database, named: string): Promise<Result<Group, ChatRefusal>> => {
  const groups = await db.selectFrom("agent_groups").select(["id", "name", "folder"]).orderBy("id").execute();
  const meant = new Set((await groupMeant(db, named)).map(({ id }) => id));
  const found = groups.filter(({ id }) => meant.has(id));
  if (found.length === 1) return ok(found[0]!);
  return found.length > 1 ? severalGroups(named, found) : noGroup(named, groups);
};

const severalGroups = (named: string, found: readonly Group[]): Result<never, ChatRefusal> => {
  const list = found.map((one) => `${one.id} (${visible(one.name)}, groups/${one.folder})`).join(", ");
  return fail({
    code: "group-not-unique",
    message: `${visible(named)} means several groups: ${list}. Write one of the ids.`,
  });
};

/** Most groups that an error names. */
const mostNamed = 8;

const noGroup = (named: string, groups: readonly Group[]): Result<never, ChatRefusal> => {
  const names = groups.flatMap(({ name, folder }) => [name, folder]);
  const near = nearest(names, (name) => edits(lower(named), lower(name)));
  const known = groups.slice(0, mostNamed).map(({ folder }) => folder);
  const hint =
    known.length === 0
      ? ["There are no groups yet: stop the host, and make one with gatehouse init."]
      : [
          ...(near === null ? [] : [`Was ${JSON.stringify(visible(near))} meant?`]),
          `There are: ${known.join(", ")}.`,
          ...(near === null ? ["ncl groups list shows all of them."] : []),
        ];
  return fail({
    code: "unknown-group",
    message: `There is no group ${JSON.stringify(visible(named))}. ${hint.join(" ")}`,
  });
};

/** Finds the user with an id or a name; null for the sole owner. */
export const findSpeaker = (db: Database, as: string | null): Promise<Result<Speaker, ChatRefusal>> =>
  as === null ? soleOwner(db) : named(db, as);

const soleOwner = async (db: Database): Promise<Result<Speaker, ChatRefusal>> => {
  const owners = await db
    .selectFrom("user_roles")
    .innerJoin("users", "users.id", "user_roles.user_id")
    .select(["users.id as id", "users.display_name as name"])
    .where("role", "=", "owner")
    .where("agent_group_id", "is", null)
    .orderBy("users.id")
    .execute();
  if (owners.length === 1) return ok(owners[0]!);
  if (owners.length > 1)
    return fail({
      code: "several-owners",
      message: `Name yourself with --as USER: this host has several owners: ${owners.map(({ id }) => id).join(", ")}.`,
    });
  return fail({
    code: "no-owner",
    message:
      "Name yourself with --as USER: this host has no owner. ncl users list shows its users; " +
      "an owner is made with ncl roles grant --user CHANNEL:HANDLE --role owner",
  });
};

const handleOf = (id: string): string => id.slice(id.indexOf(":") + 1);

const named = async (db: Database, as: string): Promise<Result<Speaker, ChatRefusal>> => {
  const users = await db.selectFrom("users").select(["id", "display_name as name"]).orderBy("id").execute();
  const exact = users.find(({ id }) => id === as) ?? users.find(({ id }) => id === `local:${as}`);
  if (exact !== undefined) return ok(exact);
  const wanted = lower(as);
  const namesOf = ({ id, name }: Speaker): readonly string[] => [
    id,
    handleOf(id),
    ...(name === null ? [] : [name]),
  ];
  const found = users.filter((user) => namesOf(user).map(lower).includes(wanted));
  if (found.length === 1) return ok(found[0]!);
  if (found.length > 1)
    return fail({
      code: "user-not-unique",
      message: `Several users are called ${visible(as)}: ${found.map(({ id }) => id).join(", ")}. Name one by the id.`,
    });
  const near = nearest(users.flatMap(namesOf), (name) => edits(wanted, lower(name)));
  const hint =
    near === null
      ? `A new one is made with: ncl users create --id local:${visible(handleOf(as))}`
      : `Was ${JSON.stringify(visible(near))} meant?`;
  return fail({ code: "unknown-user", message: `There is no user ${visible(as)}. ${hint}` });
};

/** Why this host serves a user nowhere; null if it serves them. */
export const whyNotServed = async (db: Database, { id }: Speaker): Promise<ChatRefusal | null> =>
  (await refusedOf(db, [id])).get(id) ?? null;

/** False for a person whom this host serves nowhere, and for one who was deleted. */
export const isServed = async (db: Database, userId: string): Promise<boolean> => {
  const user = await db.selectFrom("users").select("id").where("id", "=", userId).executeTakeFirst();
  return user !== undefined && (await refusedOf(db, [userId])).size === 0;
};

/** The users among these whom this host serves nowhere, with the reason. */
export const refusedOf = async (
  db: Database,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, ChatRefusal>> => {
  const rows = await db
    .selectFrom("refused_people")
    .select(["user_id as id", "reason"])
    .where("user_id", "in", userIds)
    .execute();
  return new Map(
    rows.map(({ id, reason }) => [
      id,
      { code: notServed, message: `${id} is not served: ${visible(reason)}` },
    ]),
  );
};

/**
 * Why a user may not write to a group in a chat; null if they may. A chat that is open to strangers, or asks
 * about them, accepts everyone here, and the router decides about each message.
 */
export const whyRefused = async (
  db: Database,
  user: Speaker,
  group: Group,
  chat: string,
): Promise<ChatRefusal | null> => {
  const refused = await whyNotServed(db, user);
  if (refused !== null) return refused;
  const role = await db
    .selectFrom("user_roles")
    .select("role")
    .where("user_id", "=", user.id)
    .where((eb) =>
      eb.or([
        eb("agent_group_id", "is", null),
        eb.and([eb("role", "=", "admin"), eb("agent_group_id", "=", group.id)]),
      ]),
    )
    .executeTakeFirst();
  const member = await db
    .selectFrom("agent_group_members")
    .select("user_id")
    .where("user_id", "=", user.id)
    .where("agent_group_id", "=", group.id)
    .executeTakeFirst();
  if (role !== undefined || member !== undefined || (await takesStrangers(db, chat, group))) return null;
  return {
    code: "not-a-member",
    message: `${user.id} is no member of ${visible(group.name)}. ncl members add --user ${user.id} --group ${group.id} makes them one.`,
  };
};

type ChatWiring = { readonly groupId: string; readonly unknownSenderPolicy: string };

/** The groups that a local chat is wired to, and the chat's policy for unknown people. */
export const wiringsOfChat = (db: Database, platformId: string): Promise<readonly ChatWiring[]> =>
  db
    .selectFrom("messaging_groups")
    .innerJoin("messaging_group_agents", "messaging_group_agents.messaging_group_id", "messaging_groups.id")
    .select(["agent_group_id as groupId", "unknown_sender_policy as unknownSenderPolicy"])
    .where("channel_type", "=", "local")
    .where("platform_id", "=", platformId)
    .where("instance", "=", "")
    .execute();

/** With these policies a stranger may write, or an approver is asked. */
const lettingIn: readonly string[] = ["public", "request_approval"];

const takesStrangers = async (db: Database, chat: string, group: Group): Promise<boolean> =>
  (await wiringsOfChat(db, chat)).some(
    ({ groupId, unknownSenderPolicy }) => groupId === group.id && lettingIn.includes(unknownSenderPolicy),
  );
