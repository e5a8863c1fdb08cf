import type { Kysely } from "kysely";
import { canonicalText, type CommandError, type HeldCommand } from "@nc/cli-scope";
import type { CentralTables } from "../database/tables.ts";
import type { Result } from "@gatehouse/std";
import type { AnsweringGround } from "./answering.ts";
import { hasApprover } from "./approvers.ts";
import { concernedGroups } from "./concerned-groups.ts";
import { digestOf } from "./digest.ts";
import { parsedArgs } from "./parsed-args.ts";

/** How long a person may take, ms. */
export const patience: number = 24 * 60 * 60 * 1000;

/**
 * How many commands of one agent group may wait, in all of its sessions: an agent in a loop must not bury the
 * requests of others.
 */
const mostWaiting = 200;

/** How many chats that no group answers in may wait: anybody can name the bot in a new one. */
const mostChats = 50;

/**
 * Maximum length of a command's arguments and consequence together, as JSON in UTF-16 units: a person has to
 * read them, and each request compares them with all pending ones.
 */
export const longest = 32_768;

/**
 * Keeps a command until a person answers. The same command of the same session is kept once, with the same
 * id.
 */
export const hold = async (
  db: Kysely<CentralTables>,
  held: HeldCommand,
  scope: string,
  clock: AnsweringGround,
): Promise<Result<string, CommandError>> => {
  const { actor, command, args, shown, canonical } = held;
  const asked = { groupId: actor.groupId, scope, command, args };
  const concerned = await concernedGroups(db, asked, clock.commands);
  if (!(await hasApprover(db, concerned))) return { ok: false, error: nobody(command) };
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

/** The same words with another consequence are another command. */
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

/** Whether so many wait that no more are asked about; `null`: chats that no group answers in. */
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

const nobody = (command: string): CommandError => ({
  code: "permission-denied",
  message:
    `"${command}" needs a person's approval, and no owner or admin is configured who could give it. ` +
    "The operator makes one: ncl roles grant --user <channel>:<handle> --role owner",
});
