import type { Kysely } from "kysely";
import { canonicalText, type CommandError, type HeldCommand } from "@nc/cli-scope";
import type { CentralTables } from "@gatehouse/central-database";
import type { Result } from "@gatehouse/std";
import type { AnsweringDeps } from "./answering.ts";
import { hasApprover } from "./approvers/approvers.ts";
import { concernedGroups } from "./approvers/concerned-groups.ts";
import { digestOf } from "./digest.ts";
import { parsedArgs } from "./parsed-args.ts";

/** How long a person may take to answer, ms. */
export const patience: number = 24 * 60 * 60 * 1000;

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
 * Maximum length of a command's arguments and consequence together, as JSON in UTF-16 units. A person has to
 * read them, and each new request is compared with all pending ones.
 */
export const longest = 32_768;

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
  const { actor, command, args, shown, canonical } = held;
  const asked = { groupId: actor.groupId, scope, command, args };
  const concerned = await concernedGroups(db, asked, clock.commands);
  if (!(await hasApprover(db, concerned))) return { ok: false, error: noApprover(command) };
  const text = JSON.stringify(args);
  const consequence = held.consequence === null ? null : JSON.stringify(held.consequence);
  if (text.length + (consequence?.length ?? 0) > longest) return { ok: false, error: tooLong(command) };
  const now = clock.now();
  const waiting = await sameWaiting(db, { ...held, consequence }, now);
  if (waiting !== null) return { ok: true, value: waiting };
  if (await isFull(db, actor.groupId)) return { ok: false, error: full };
  const approval_id = clock.id("ap");
  const expires_at = new Date(Date.parse(now) + patience).toISOString();
  const row = {
    approval_id,
    session_id: actor.sessionId,
    kind: "command",
    agent_group_id: actor.groupId,
    scope,
    command,
    args: text,
    shown: JSON.stringify(shown),
    consequence,
    digest: digestOf({ canonical, consequence, actor, scope, expiresAt: expires_at }),
    status: "pending",
    created_at: now,
    expires_at,
  };
  await db.insertInto("pending_approvals").values(row).execute();
  return { ok: true, value: approval_id };
};

/** The id of the same pending command; null for none. The consequence must be the same too. */
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
  message: `${mostWaiting} requests of this agent group wait for a person already. Ask again when they were answered.`,
};

const tooLong = (command: string): CommandError => ({
  code: "invalid-args",
  message: `A person has to read what "${command}" is to do: its arguments and what they change may have ${longest} characters in all.`,
});

const noApprover = (command: string): CommandError => ({
  code: "permission-denied",
  message:
    `"${command}" needs a person's approval, and no owner or admin is configured who could give it. ` +
    "The operator makes one: ncl roles grant --user <channel>:<handle> --role owner",
});
