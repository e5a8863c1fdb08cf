import { existsSync } from "node:fs";
import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { takeLease } from "@gatehouse/control-plane";
import { foreignReader, type ForeignReader } from "@gatehouse/sqlite";
import { hasOldAttachments, isOldSession, takeOverAttachments, takeOverSession } from "@nc/session-db/node";
import type { LoopContext } from "../context.ts";
import { sessionFolder, sessionsFolder } from "../held/session-folder.ts";

/** A session whose folder has files of an older build. */
type OldSession = { readonly id: string; readonly folder: string };

/**
 * Takes the sessions of an older build, which were files, into the database: once, before anything of them is used. One
 * that cannot be read is in the log, keeps its files, and holds up no other; it is tried again at the next start.
 */
export const takeOverFiles = async (context: LoopContext): Promise<void> => {
  const folder = sessionsFolder(context);
  if (await closeFolder(folder)) context.log("folder-closed", { folder });
  const sessions = await oldSessions(context);
  await takeUnwired(context);
  if (sessions.length === 0) return;
  const ended = await endAgentsOf(context, new Set(sessions.map(({ id }) => id)));
  // It is done once, on a machine that may be busy with its start.
  const reader = context.oldReader?.() ?? foreignReader({ deadlineMs: 30_000 });
  try {
    for (const session of sessions)
      if (ended.has(session.id)) await takeOver(context, session, reader);
      else notTaken(context, session, "its agent could not be ended");
  } finally {
    await reader.close();
  }
};

/** Agents of other accounts passed through it to their files: no account but the host's does now. */
const closeFolder = async (path: string): Promise<boolean> => {
  if (!existsSync(path) || ((await stat(path)).mode & 0o077) === 0) return false;
  await chmod(path, 0o700);
  return true;
};

const oldSessions = async (context: LoopContext): Promise<readonly OldSession[]> => {
  const rows = await context.central.beside.selectFrom("sessions").select(["id", "agent_group_id"]).execute();
  return rows
    .map(({ id, agent_group_id: groupId }) => ({ id, folder: sessionFolder(context, groupId, id) }))
    .filter(({ folder }) => isOldSession(folder) || hasOldAttachments(folder));
};

/** Ends the agents of an older build, which speak to nobody now. Returns the sessions that have none. */
const endAgentsOf = async (
  { runtime, report, times }: LoopContext,
  ids: ReadonlySet<string>,
): Promise<ReadonlySet<string>> => {
  const running = await runtime.running();
  if (!running.ok) throw new Error(running.error.message);
  const without = new Set(ids);
  await Promise.all(
    running.value.map(async (container) => {
      const { sessionId } = container.label;
      if (!ids.has(sessionId)) return;
      try {
        await container.kill(times.graceMs);
      } catch (error) {
        without.delete(sessionId);
        report(error);
      }
    }),
  );
  return without;
};

const takeOver = async (context: LoopContext, session: OldSession, reader: ForeignReader): Promise<void> => {
  const { central, owner, times, signals, log } = context;
  const lease = await takeLease(central.beside, { sessionId: session.id, owner, ttlMs: times.leaseMs });
  // Another host has it, and takes it over.
  if (!lease.ok) return;
  const side = { db: central.rows, signals, sessionId: session.id, token: lease.value.token };
  const taken = await takeOverSession(side, session.folder, reader);
  if (!taken.ok) return notTaken(context, session, taken.error);
  const files = await takeAttachments(context, session);
  if (files !== null) log("session-taken-from-files", { session: session.id, ...taken.value, files });
};

/** Files of messages that wait for a person in a chat that no group answers in. */
const takeUnwired = async (context: LoopContext): Promise<void> => {
  const folder = join(sessionsFolder(context), "unwired-chats");
  if (hasOldAttachments(folder)) await takeAttachments(context, { id: "", folder });
};

/** How many files came along; null where they did not. */
const takeAttachments = async (
  context: LoopContext,
  { id: sessionId, folder }: OldSession,
): Promise<number | null> => {
  const options = { db: context.central.rows, sessionId, now: context.now() };
  const taken = await takeOverAttachments(options, folder);
  if (!taken.ok) {
    notTaken(context, { id: sessionId, folder }, taken.error);
    return null;
  }
  for (const reason of taken.value.leftOut) context.log("attachment-left-out", { id: sessionId, reason });
  return taken.value.files;
};

const notTaken = ({ log }: LoopContext, { id }: OldSession, reason: string): void =>
  log("session-not-taken-from-files", { session: id, reason });
