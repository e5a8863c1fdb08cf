import { parsedArgs } from "../parsed-args.ts";
import { admitSender } from "./admit-sender.ts";
import type { ApprovalKind } from "./approval-kind.ts";

/**
 * A stranger wrote to a group. An approval makes them a member; after a refusal the host does not ask again.
 */
export const senderKind: ApprovalKind = {
  isOfAgent: false,
  run: async (db, { approval_id: id, args, answered_by: by }, { at }) => {
    const { user, group } = parsedArgs(args);
    const [userId, groupId] = [String(user), String(group)];
    const held = await db
      .selectFrom("held_messages")
      .select("sender_name")
      .where("approval_id", "=", id)
      .executeTakeFirst();
    await admitSender(db, { userId, userName: held?.sender_name ?? null, groupId, by, at });
    return { id, ok: true, data: { user_id: userId, agent_group_id: groupId } };
  },
  refuse: async (db, { approval_id, args, answered_by }, at) => {
    const held = await db
      .selectFrom("held_messages")
      .select(["user_id", "messaging_group_id"])
      .where("approval_id", "=", approval_id)
      .executeTakeFirst();
    if (held === undefined) return;
    const agent_group_id = String(parsedArgs(args)["group"]);
    await db
      .insertInto("refused_senders")
      .values({ ...held, agent_group_id, refused_by: answered_by ?? "host", refused_at: at })
      .onConflict((there) => there.doNothing())
      .execute();
  },
};
