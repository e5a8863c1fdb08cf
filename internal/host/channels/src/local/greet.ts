import type { Kysely } from "kysely";
import { openDirectChat, wireDirectChat } from "@gatehouse/group-setup";
import type { CentralTables } from "@gatehouse/central-database";
import { fail, ok, type Result } from "@gatehouse/std";
import {
  findGroup,
  findSpeaker,
  whyNotServed,
  whyRefused,
  type ChatRefusal,
  type Group,
  type Speaker,
  wiringsOfChat,
} from "./find-speaker.ts";
import type { Hello } from "./frames.ts";

/** A welcomed client: its user and its chats. */
export type Guest = {
  readonly user: Speaker;
  /** Null in the direct chat, where any group, or no group yet, may answer. */
  readonly group: Group | null;
  /** The chat with the group, or the direct chat. */
  readonly chat: string;
  /** That chat, and the direct chat with the host, in which cards are shown. */
  readonly chats: readonly string[];
};

type Database = Kysely<CentralTables>;

export type GreetOptions = {
  readonly db: Database;
  readonly now: () => string;
  /** `mg` gives `mg-<uuid>`. */
  readonly id: (prefix: string) => string;
};

/**
 * Finds the group and the user, and creates the chat and its wiring if they are missing. Without a group it
 * creates only the chat, and the router asks which group is to answer. For the history alone it creates nothing.
 */
export const greet = async (
  { db, ...clock }: GreetOptions,
  { group: groupName, as, historyOnly = false }: Pick<Hello, "group" | "as" | "historyOnly">,
): Promise<Result<Guest, ChatRefusal>> => {
  const group = groupName === null ? ok(null) : await findGroup(db, groupName);
  if (!group.ok) return group;
  const user = await findSpeaker(db, as);
  if (!user.ok) return user;
  const direct = directName(user.value.id);
  if (direct === null)
    return fail({
      code: "bad-user",
      message: `${user.value.id} cannot chat here: the name has a ":" or "/".`,
    });
  if (group.value === null) return greetAlone({ db, ...clock }, user.value, { direct, historyOnly });
  const further = `${direct}/${group.value.id}`;
  const wanted = await chatWith(db, { direct, further }, group.value.id);
  const refused = await whyRefused(db, user.value, group.value, wanted);
  if (refused !== null) return fail(refused);
  // A wiring decides which group answers a person, so reading makes none.
  if (historyOnly) return ok({ user: user.value, group: group.value, chat: wanted, chats: [wanted] });
  const wired = await wireDirectChat(db, clock, {
    userId: user.value.id,
    groupId: group.value.id,
    kind: "local",
    instance: "",
    platformId: direct,
    further,
  });
  if (!wired.ok) return wired;
  // Another group may have been wired to the direct chat meanwhile.
  const chat = wired.value.platformId;
  const own = (await knownDirectChat(db, user.value.id)) ?? chat;
  return ok({ user: user.value, group: group.value, chat, chats: [...new Set([chat, own])] });
};

const greetAlone = async (
  { db, ...clock }: GreetOptions,
  user: Speaker,
  { direct, historyOnly }: { readonly direct: string; readonly historyOnly: boolean },
): Promise<Result<Guest, ChatRefusal>> => {
  const refused = await whyNotServed(db, user);
  if (refused !== null) return fail(refused);
  const chat = (await knownDirectChat(db, user.id)) ?? direct;
  if (!historyOnly)
    await openDirectChat(db, clock, { userId: user.id, kind: "local", platformId: chat, instance: "" });
  return ok({ user, group: null, chat, chats: [chat] });
};

/**
 * The name of a user's direct chat: the handle of a `local` user, else the whole id. Null for a handle that
 * could be confused with another chat's name.
 */
export const directName = (userId: string): string | null => {
  const name = userId.startsWith("local:") ? userId.slice("local:".length) : userId;
  const isPlain = userId.startsWith("local:") ? !/[:/]/.test(name) : !name.includes("/");
  return isPlain ? name : null;
};

/** The direct chat of a user with the host; null if there is none. */
export const knownDirectChat = async (db: Database, userId: string): Promise<string | null> => {
  const row = await db
    .selectFrom("user_dms")
    .innerJoin("messaging_groups", "messaging_groups.id", "user_dms.messaging_group_id")
    .select("messaging_groups.platform_id")
    .where("user_dms.user_id", "=", userId)
    .where("user_dms.channel_type", "=", "local")
    .executeTakeFirst();
  return row?.platform_id ?? null;
};

/**
 * A chat's messages go to every group that it is wired to, so a person has a separate chat with each group:
 * the direct chat with the first one, and another chat with each further one.
 */
const chatWith = async (
  db: Database,
  { direct, further }: { readonly direct: string; readonly further: string },
  groupId: string,
): Promise<string> => {
  const wirings = await wiringsOfChat(db, direct);
  const isOwn = wirings.some((wiring) => wiring.groupId === groupId);
  return isOwn || wirings.length === 0 ? direct : further;
};
