import type { Kysely } from "kysely";
import {
  canonicalText,
  replay,
  type AgentActor,
  type CommandError,
  type CommandHost,
  type HeldCommand,
  type ResponseFrame,
} from "@nc/cli-scope";
import type { CentralTables } from "@gatehouse/central-database";
import type { Result } from "@gatehouse/std";
import { digestOf, isTorn, parsedArgs, parsedLines, type Pending } from "./approval-row.ts";
import { concernedGroups, hasApprover, type AnsweringDeps } from "./approvers.ts";

/** How long a person may take to answer, ms. */
export const answerWithinMs: number = 24 * 60 * 60 * 1000;

/** When an approval that is made at `now` expires, ISO 8601, UTC. */
export const expiryOf = (now: string): string => new Date(Date.parse(now) + answerWithinMs).toISOString();

/**
 * Maximum number of pending requests of one agent group, over all its sessions: an agent in a loop must not
 * bury the requests of others.
 */
const mostWaiting = 200;

/**
 * Maximum number of pending unwired chats. The limit is needed because anyone can mention the bot in a new
 * chat.
 */
const mostChats = 50;

/**
 * Maximum length of a command's arguments, consequence and preview together, as JSON in UTF-16 units. A person has to
 * read them, and each new request is compared with all pending ones.
 */
export const longestText = 32_768;

/**
 * Stores a command until a person answers, and returns the id of the approval. Idempotent: the same pending
 * command of the same session returns the same id.
 */
export const hold = async (
  db: Kysely<CentralTables>,
  held: HeldCommand,
  scope: string,
  clock: AnsweringDeps,
): Promise<Result<string, CommandError>> => {
  const { actor, command, args, canonical } = held;
  const asked = { groupId: actor.groupId, scope, command, args };
  const concerned = await concernedGroups(db, asked, clock.commands);
  if (!(await hasApprover(db, concerned))) return { ok: false, error: noApprover(command) };
  const text = JSON.stringify(args);
  const [consequence, preview] = [held.consequence, held.preview].map((lines) =>
    lines === null ? null : JSON.stringify(lines),
  ) as [string | null, string | null];
  if (text.length + (consequence?.length ?? 0) + (preview?.length ?? 0) > longestText)
    return { ok: false, error: tooLong(command) };
  const now = clock.now();
  const waiting = await sameWaiting(db, { ...held, consequence }, now);
  if (waiting !== null) return { ok: true, value: waiting };
  if (await isFull(db, actor.groupId)) return { ok: false, error: full };
  const approval_id = clock.id("ap");
  const expires_at = expiryOf(now);
  const row = {
    approval_id,
    session_id: actor.sessionId,
    kind: "command",
    agent_group_id: actor.groupId,
    scope,
    command,
    args: text,
    shown: text,
    consequence,
    preview,
    digest: digestOf({ canonical, consequence, preview, actor, scope, expiresAt: expires_at }),
    status: "pending",
    created_at: now,
    expires_at,
  };
  await db.insertInto("pending_approvals").values(row).execute();
  return { ok: true, value: approval_id };
};

/**
 * The id of the same pending command; null for none. The consequence must be the same too. The person has read the preview of the
 * first request.
 */
const sameWaiting = async (
  db: Kysely<CentralTables>,
  {
    actor,
    command,
    canonical,
    consequence,
  }: Omit<HeldCommand, "consequence"> & { readonly consequence: string | null },
  now: string,
): Promise<string | null> => {
  const waiting = await db
    .selectFrom("pending_approvals")
    .select(["approval_id", "args", "consequence"])
    .where("session_id", "=", actor.sessionId)
    .where("command", "=", command)
    .where("status", "=", "pending")
    .where("expires_at", ">", now)
    .execute();
  const same = waiting.find(
    (row) => row.consequence === consequence && canonicalText(command, parsedArgs(row.args)) === canonical,
  );
  return same?.approval_id ?? null;
};

/** Whether a group has its maximum of pending requests; `null` counts unwired chats. */
export const isFull = async (db: Kysely<CentralTables>, groupId: string | null): Promise<boolean> => {
  const { count } = await db
    .selectFrom("pending_approvals")
    .select(({ fn }) => fn.countAll<number>().as("count"))
    .where("agent_group_id", groupId === null ? "is" : "=", groupId)
    .where("status", "=", "pending")
    .executeTakeFirstOrThrow();
  return Number(count) >= (groupId === null ? mostChats : mostWaiting);
};

const full: CommandError = {
  code: "permission-denied",
  message: `${mostWaiting} requests of this agent group wait for a person already. Ask again after some of them were answered.`,
};

const tooLong = (command: string): CommandError => ({
  code: "invalid-args",
  message: `A person has to read the request "${command}": its arguments and its effects may have ${longestText} characters in all.`,
});

const noApprover = (command: string): CommandError => ({
  code: "permission-denied",
  message:
    `"${command}" needs a person's approval, and no owner or admin is configured who could give it. ` +
    "The operator makes one: ncl roles grant --user <channel>:<handle> --role owner",
});

/**
 * Runs the command of an approval as the agent that asked for it. Refuses if anything that the approval is
 * bound to has changed, the scope of the agent included. Then takes the decision again, by the present state.
 */
export const runApproved = async <CommandContext>(
  db: Kysely<CentralTables>,
  approval: Pending,
  host: CommandHost<CommandContext>,
): Promise<ResponseFrame> => {
  const { approval_id: id, command, consequence, preview, expires_at: expiresAt } = approval;
  const args = parsedArgs(approval.args);
  const canonical = canonicalText(command, args);
  const actor = await agentOf(db, approval);
  if (actor === null) return refusedFrame(id, "no session asked for it");
  const authorization = await host.authorization(actor);
  if (authorization === null) return refusedFrame(id, "the session that asked is closed");
  if (authorization.scope !== approval.scope)
    return refusedFrame(id, `the agent's scope is "${authorization.scope}" now, not "${approval.scope}"`);
  if (
    isTorn(approval) ||
    // A person reads `shown`, and `args` runs.
    approval.shown !== approval.args ||
    digestOf({ canonical, consequence, preview, actor, scope: authorization.scope, expiresAt }) !==
      approval.digest
  )
    return refusedFrame(id, "the approval's row is not as it was written");
  const held = { actor, command, args, consequence: parsedLines(consequence), canonical };
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
