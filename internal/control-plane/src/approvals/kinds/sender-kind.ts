import { parsedArgs } from "../parsed-args.ts";
import type { ApprovalKind } from "./approval-kind.ts";

/** A stranger wrote to a group: may they? Approved, they are a member of it; refused, nobody is asked again. */
export const senderKind: ApprovalKind = {
  isOfAgent: false,
  run: async (db, approval, at) => {
    const { approval_id: id, agent_group_id } = approval;
    const user_id = String(parsedArgs(approval.args)["user"]);
    const held = await db
      .selectFrom("held_messages")
      .select("sender_name")
      .where("approval_id", "=", id)
      .executeTakeFirst();
    const kind = user_id.slice(0, Math.max(0, user_id.indexOf(":")));
    const user = { id: user_id, kind, display_name: held?.sender_name ?? null };
    await db
      .insertInto("users")
      .values({ ...user, created_at: at })
      .onConflict((there) => there.doNothing())
      .execute();
    await db
      .insertInto("agent_group_members")
      .values({ user_id, agent_group_id, added_by: personIn(approval.answered_by), added_at: at })
      .onConflict((there) => there.doNothing())
      .execute();
    return { id, ok: true, data: { user_id, agent_group_id } };
  },
  refuse: async (db, { approval_id, agent_group_id, answered_by }, at) => {
    const held = await db
      .selectFrom("held_messages")
      .select(["user_id", "messaging_group_id"])
      .where("approval_id", "=", approval_id)
      .executeTakeFirst();
    if (held === undefined) return;
    await db
      .insertInto("refused_senders")
      .values({ ...held, agent_group_id, refused_by: answered_by ?? "host", refused_at: at })
      .onConflict((there) => there.doNothing())
      .execute();
  },
};

/** The operator at the socket is no person. */
const personIn = (answeredBy: string | null): string | null =>
  answeredBy?.startsWith("user:") === true ? answeredBy.slice("user:".length) : null;
