import type { Kysely, SelectQueryBuilder } from "kysely";
import { namedIn, type Actor, type Args, type CommandError, type Signature } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";
import type { ApprovalRow, CentralTables } from "@gatehouse/central-database";
import { refused, type LogDeps, type Shown } from "@gatehouse/command-context";
import { isTorn, parsedArgs } from "./approval-row.ts";
import { askedPerson } from "./questions.ts";

/** What writes decisions, and all commands: the flags of a command say which groups it concerns. */
export type AnsweringDeps = LogDeps & { readonly commands: readonly Signature[] };

/**
 * The groups whose admins may answer a command. `all`: only an admin of all groups, or an owner, may answer.
 * `operator`: no user may answer, only the operator at the socket.
 */
export type Concerned = "all" | "operator" | readonly string[];

/** A pending command: its words, the group of its agent, and the agent's scope when it asked. */
type AskedCommand = {
  readonly groupId: string;
  readonly scope: string;
  readonly command: string;
  readonly args: Args;
};

/** The agent groups that own a thing. */
type OwnersOf = (db: Kysely<CentralTables>, id: string) => Promise<readonly string[]>;

/** How to find the owners of each kind of thing that a flag can name. */
const owners: Readonly<Record<string, OwnersOf>> = {
  group: (_db, id) => Promise.resolve([id]),
  chat: async (db, id) => {
    const wirings = await db
      .selectFrom("messaging_group_agents")
      .select("agent_group_id")
      .where("messaging_group_id", "=", id)
      .execute();
    return wirings.map(({ agent_group_id }) => agent_group_id);
  },
};

/**
 * The asking group, and the groups that own the things that the command names. A thing that is unknown or
 * belongs to no group concerns all groups; so does any command of an agent with scope `global`. `commands`
 * are all commands. A command that no longer exists names nothing, and is not run.
 */
export const concernedGroups = async (
  db: Kysely<CentralTables>,
  { groupId, scope, command, args }: AskedCommand,
  commands: readonly Signature[],
): Promise<Concerned> => {
  if (scope === "global") return "all";
  const { flags } = commands.find(({ words }) => words === command) ?? { flags: [] };
  const concerned = new Set([groupId]);
  for (const { what, id } of namedIn({ flags }, args)) {
    const found = (await owners[what]?.(db, id)) ?? [];
    if (found.length === 0) return "all";
    // If the asking group also owns the thing, the other owners need not answer.
    if (!found.includes(groupId)) for (const group of found) concerned.add(group);
  }
  return [...concerned];
};

/**
 * The groups that a pending approval concerns. A kind other than a command concerns its own group. A chat
 * that no group answers in concerns all groups. A torn command concerns `operator`, since its request is
 * unreadable.
 */
export const concernedBy = async (
  db: Kysely<CentralTables>,
  approval: Pick<
    ApprovalRow,
    "kind" | "agent_group_id" | "scope" | "command" | "args" | "shown" | "consequence" | "preview"
  >,
  commands: readonly Signature[],
): Promise<Concerned> => {
  const { kind, agent_group_id: groupId, scope, command, args } = approval;
  if (groupId === null) return "all";
  if (kind !== "command") return [groupId];
  if (isTorn(approval)) return "operator";
  return concernedGroups(db, { groupId, scope, command, args: parsedArgs(args) }, commands);
};

/** The kinds of things that a flag may name. */
export const namesKnown: readonly string[] = Object.keys(owners);

/**
 * Users who may answer: owners, admins of all groups, and admins of every group that the command concerns. An
 * owner row that names a group gives no rights, as in nanoclaw's isOwner
 * (src/modules/permissions/db/user-roles.ts). A person who left users.yaml keeps the roles that `ncl`
 * granted, so refused people are left out here.
 */
export const approverRoles = (
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
  (await approverRoles(db, concerned).limit(1).executeTakeFirst()) !== undefined;

/** Whether an actor may answer. The operator at the socket counts as owner. An agent may answer nothing. */
export const mayAnswer = async (
  db: Kysely<CentralTables>,
  actor: Actor,
  concerned: Concerned,
): Promise<boolean> => {
  if (actor.type !== "user") return actor.type === "host";
  const role = await approverRoles(db, concerned).where("user_id", "=", actor.userId).executeTakeFirst();
  return role !== undefined;
};

/** A person who may answer an approval, and the direct chat in which they can be asked. */
export type Approver = {
  readonly userId: string;
  readonly channelType: string;
  readonly platformId: string;
  readonly instance: string;
  /** The thread of the person's message; without it the question goes to the chat itself. */
  readonly threadId?: string | null;
};

type Asked = Parameters<typeof concernedBy>[1] &
  Pick<ApprovalRow, "approval_id" | "session_id" | "messaging_group_id">;

/**
 * The people who get the question. A question of an agent goes only to the person whose message it is about, in the
 * chat of that message. Otherwise: all people who may answer and have a direct chat, each once. People with a direct
 * chat on the channel of the session, or of the chat in question, come first. Within both parts: admins of a group,
 * then admins of all groups, then owners. `commands` are all commands.
 */
export const approversOf = async (
  db: Kysely<CentralTables>,
  approval: Asked,
  commands: readonly Signature[],
): Promise<readonly Approver[]> => {
  const person = await askedPerson(db, approval.approval_id);
  if (person !== null) return [person];
  const concerned = await concernedBy(db, approval, commands);
  const roles = await approverRoles(db, concerned)
    .select(["role", "agent_group_id", "granted_at"])
    .orderBy("granted_at")
    .orderBy("user_id")
    .execute();
  const channel = await channelOf(db, approval);
  const people = [0, 1, 2].flatMap((place) => roles.filter((role) => placeOf(role) === place));
  const userIds = [...new Set(people.map(({ user_id: id }) => id))];
  const chats = await directChats(db, userIds);
  const reached = userIds.flatMap((userId) => {
    const own = chats.filter((chat) => chat.userId === userId);
    return own.find(({ channelType }) => channelType === channel) ?? own[0] ?? [];
  });
  const isThere = ({ channelType }: Approver): boolean => channelType === channel;
  return [...reached.filter(isThere), ...reached.filter((approver) => !isThere(approver))];
};

type Role = { readonly role: string; readonly agent_group_id: string | null };

const placeOf = ({ role, agent_group_id: group }: Role): number => {
  if (group !== null) return 0;
  return role === "admin" ? 1 : 2;
};

/** The channel of the session or of the chat in question. Null for a session that serves several chats. */
const channelOf = async (
  db: Kysely<CentralTables>,
  { session_id: sessionId, messaging_group_id: chatId }: Pick<Asked, "session_id" | "messaging_group_id">,
): Promise<string | null> => {
  const chats = db.selectFrom("messaging_groups").select("channel_type");
  const chat = await (
    sessionId === null
      ? chats.where("id", "=", chatId)
      : chats
          .innerJoin("sessions", "sessions.messaging_group_id", "messaging_groups.id")
          .where("sessions.id", "=", sessionId)
  ).executeTakeFirst();
  return chat?.channel_type ?? null;
};

/** The direct chats of people, the newest first. A person may have one on each channel. */
export const directChats = async (
  db: Kysely<CentralTables>,
  userIds: readonly string[],
): Promise<readonly Approver[]> => {
  if (userIds.length === 0) return [];
  return db
    .selectFrom("user_dms")
    .innerJoin("messaging_groups", "messaging_groups.id", "user_dms.messaging_group_id")
    .select([
      "user_dms.user_id as userId",
      "user_dms.channel_type as channelType",
      "messaging_groups.platform_id as platformId",
      "messaging_groups.instance",
    ])
    .where("user_dms.user_id", "in", userIds)
    .orderBy("user_dms.resolved_at", "desc")
    .orderBy("user_dms.channel_type")
    .execute();
};

/** The approvals that an actor may see. A person who left users.yaml sees none. */
export const shownTo = async (db: Kysely<CentralTables>, actor: Actor): Promise<Shown> => {
  if (actor.type === "host") return "all";
  if (actor.type === "agent") return [actor.groupId];
  const roles = await db
    .selectFrom("user_roles")
    .select(["role", "agent_group_id"])
    .where("user_id", "=", actor.userId)
    .where("user_id", "not in", (eb) => eb.selectFrom("refused_people").select("user_id"))
    .execute();
  if (roles.some(({ agent_group_id }) => agent_group_id === null)) return "all";
  // An owner row that names a group gives no rights.
  return roles.flatMap(({ role, agent_group_id }) => (role === "admin" ? (agent_group_id ?? []) : []));
};

/** The refusal for callers who may see no approval. */
export const notAnApprover: Result<never, CommandError> = refused(
  "permission-denied",
  "Approvals are shown to owners and admins.",
);

/** One approval. A missing one and a hidden one give the same answer. */
export const ifShown = <Approval extends { readonly agent_group_id?: unknown }>(
  shown: Shown,
  id: string,
  found: Approval | null | undefined,
): Result<Approval, CommandError> => {
  if (shown.length === 0) return notAnApprover;
  const isThere = found !== null && found !== undefined;
  if (isThere && (shown === "all" || shown.some((group) => group === found.agent_group_id)))
    return { ok: true, value: found };
  return refused("not-found", `There is no approval "${id}": ncl approvals list`);
};
