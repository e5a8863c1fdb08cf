import type { Kysely } from "kysely";
import type { CentralTables } from "../database/tables.ts";

/** What the name of a destination is made of. */
type Chat = { readonly id: string; readonly channel_type: string; readonly name: string | null };

/** `destinations add` takes names of 64 characters: this leaves room for a number. */
const most = 58;

/**
 * The name under which an agent sends to a chat: `Family chat` is `family-chat`, and `family-chat-2` if the
 * agent uses that name already.
 */
export const chatDestinationName = (
  { id, channel_type, name }: Chat,
  isTaken: (name: string) => boolean,
): string => {
  const base = inDashes(name ?? "") || inDashes(`${channel_type}-${id.slice(0, 8)}`) || "chat";
  let [found, number] = [base, 1];
  while (isTaken(found)) found = `${base}-${(number += 1)}`;
  return found;
};

/** In lower case and without accents; whatever is no letter or digit becomes a dash. */
const inDashes = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, most)
    .replace(/^-|-$/g, "");

/** The agent group and the chat of a wiring, and when it was made. */
export type Wiring = {
  readonly agent_group_id: string;
  readonly messaging_group_id: string;
  readonly created_at: string;
};

/**
 * Lets the agent of a new wiring send to its chat: an agent sends to destinations only, so without one its
 * replies would be dropped. Returns the destination's name, or the one that the chat has already.
 */
export const addChatDestination = async (
  db: Kysely<CentralTables>,
  { agent_group_id, messaging_group_id: target_id, created_at }: Wiring,
): Promise<string> => {
  const there = await db
    .selectFrom("agent_destinations")
    .select(["local_name", "target_type", "target_id"])
    .where("agent_group_id", "=", agent_group_id)
    .orderBy("created_at")
    .orderBy("local_name")
    .execute();
  const known = there.find((one) => one.target_type === "channel" && one.target_id === target_id);
  if (known !== undefined) return known.local_name;
  const chat = await db
    .selectFrom("messaging_groups")
    .select(["id", "channel_type", "name"])
    .where("id", "=", target_id)
    .executeTakeFirstOrThrow();
  const names = new Set(there.map(({ local_name }) => local_name));
  const local_name = chatDestinationName(chat, (name) => names.has(name));
  await db
    .insertInto("agent_destinations")
    .values({ agent_group_id, local_name, target_type: "channel", target_id, created_at })
    .execute();
  return local_name;
};
