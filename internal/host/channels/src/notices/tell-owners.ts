import { type Approver, directChats } from "@gatehouse/approvals";
import type { CardsOptions } from "../cards/cards-options.ts";
import { hostMessage } from "../cards/host-message.ts";
import { channelOf, openChats } from "../cards/offer-cards.ts";

/** Most notices that are told in one call. */
const mostTold = 20;

/** Age at which told notices are deleted, ms. */
const keptMs = 30 * 86_400_000;

/**
 * Sends the notices that wait to all owners of the host. Returns false if no owner could be reached: then they
 * wait. After a kill between sending and its mark a notice is sent again with the same id, so a channel shows it
 * once.
 */
export const tellOwners = async (options: CardsOptions): Promise<boolean> => {
  const { db, channels, now } = options;
  const notices = await db
    .selectFrom("owner_notices")
    .select(["id", "text"])
    .where("told_at", "is", null)
    .orderBy("created_at")
    .orderBy("id")
    .limit(mostTold)
    .execute();
  if (notices.length === 0) return true;
  await openChats(options);
  const owners = await ownersOf(options);
  let isReached = true;
  for (const { id, text } of notices) {
    let isTold = false;
    for (const owner of owners) {
      const message = hostMessage(owner, { id: `notice-${id}-${owner.userId}`, text, inReplyTo: null });
      const sent = await channelOf(channels, owner)?.send(message);
      // The log names the uncertain ones; no try sends them again.
      isTold ||= sent !== undefined && (sent.ok || sent.error.code === "uncertain");
    }
    isReached &&= isTold;
    if (isTold) await db.updateTable("owner_notices").set({ told_at: now() }).where("id", "=", id).execute();
  }
  const old = new Date(Date.parse(now()) - keptMs).toISOString();
  await db.deleteFrom("owner_notices").where("told_at", "<", old).execute();
  return isReached;
};

/** Each owner with a direct chat: that of the channel on which the owner was last. */
const ownersOf = async ({ db }: Pick<CardsOptions, "db">): Promise<readonly Approver[]> => {
  const rows = await db
    .selectFrom("user_roles")
    .select("user_id")
    .where("role", "=", "owner")
    .where("agent_group_id", "is", null)
    .where("user_id", "not in", (eb) => eb.selectFrom("refused_people").select("user_id"))
    .execute();
  const userIds = rows.map(({ user_id: id }) => id);
  const chats = await directChats(db, userIds);
  return userIds.flatMap((userId) => chats.find((chat) => chat.userId === userId) ?? []);
};
