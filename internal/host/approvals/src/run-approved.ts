import type { Kysely } from "kysely";
import {
  canonicalText,
  replay,
  type AgentActor,
  type Args,
  type CommandHost,
  type ResponseFrame,
} from "@nc/cli-scope";
import type { CentralTables } from "@gatehouse/central-database";
import type { Pending } from "./claim.ts";
import { digestOf } from "./digest.ts";
import { isTorn, parsedArgs, parsedLines } from "./parsed-args.ts";

/**
 * Runs the command of an approval as the agent that asked for it. Refuses if anything that the approval is
 * bound to has changed, the scope of the agent included. Then takes the decision again, by the present state.
 */
export const runApproved = async <CommandContext>(
  db: Kysely<CentralTables>,
  approval: Pending,
  host: CommandHost<CommandContext>,
): Promise<ResponseFrame> => {
  const { approval_id: id, command, consequence, expires_at: expiresAt } = approval;
  const args = parsedArgs(approval.args);
  const shown: Args = parsedArgs(approval.shown);
  const canonical = canonicalText(command, args);
  const actor = await agentOf(db, approval);
  if (actor === null) return refusedFrame(id, "no session asked for it");
  const authorization = await host.authorization(actor);
  if (authorization === null) return refusedFrame(id, "the session that asked is closed");
  if (authorization.scope !== approval.scope)
    return refusedFrame(id, `the agent's scope is "${authorization.scope}" now, not "${approval.scope}"`);
  if (
    isTorn(approval) ||
    digestOf({ canonical, consequence, actor, scope: authorization.scope, expiresAt }) !== approval.digest
  )
    return refusedFrame(id, "the approval's row is not as it was written");
  const held = { actor, command, args, shown, consequence: parsedLines(consequence), canonical };
  return replay(held, host, id);
};

/** The agent with the present chat of its session, which decides which wirings are its own. */
const agentOf = async (
  db: Kysely<CentralTables>,
  { agent_group_id: groupId, session_id: sessionId }: Pending,
): Promise<AgentActor | null> => {
  if (groupId === null || sessionId === null) return null;
  const session = await db
    .selectFrom("sessions")
    .select("messaging_group_id")
    .where("id", "=", sessionId)
    .executeTakeFirst();
  return { type: "agent", groupId, sessionId, messagingGroupId: session?.messaging_group_id ?? null };
};

const refusedFrame = (id: string, why: string): ResponseFrame => ({
  id,
  ok: false,
  error: { code: "forbidden", message: `Not run: ${why}. The agent must ask again.` },
});
