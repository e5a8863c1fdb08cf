import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { toolDigest } from "../tools/tool-digest.ts";
import { inputHash } from "../tools/tool-request.ts";
import { parsedArgs } from "../parsed-args.ts";
import type { Pending } from "../claim.ts";

/** A request for a tool as it was stored. */
export type BoundRequest = {
  readonly groupId: string;
  readonly tool: string;
  readonly input: unknown;
};

/** Reads the request of an approval; null if one of its rows is not as it was written. */
export const boundRequest = async (
  db: Kysely<CentralTables>,
  approval: Pending,
): Promise<BoundRequest | null> => {
  const { agent_group_id: groupId, session_id: sessionId, expires_at: expiresAt, shown } = approval;
  const asked = await db
    .selectFrom("tool_requests")
    .selectAll()
    .where("approval_id", "=", approval.approval_id)
    .executeTakeFirst();
  const { tool, input } = parsedArgs(shown) as { readonly tool?: unknown; readonly input?: unknown };
  if (asked === undefined || groupId === null || sessionId === null) return null;
  const { message_id: messageId, occurrence, input_hash: hash } = asked;
  const bound = { tool: asked.tool, messageId, occurrence, hash, groupId, sessionId };
  const digest = toolDigest({ ...bound, expiresAt, shown }, approval.consequence);
  const isSame = tool === asked.tool && inputHash(input) === hash && digest === approval.digest;
  return isSame ? { groupId, tool: asked.tool, input } : null;
};

/** The outcome of an approval whose row was changed after the request. */
export const changedRequest = {
  ok: false,
  error: { code: "forbidden", message: "The request is not as it was written. The agent must ask again." },
} as const;
