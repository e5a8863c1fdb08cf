import { existsSync } from "node:fs";
import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Central } from "@gatehouse/central-database";
import { takeLease } from "@gatehouse/session-rows";
import { foreignReader, type ForeignReader } from "@gatehouse/sqlite";
import {
  hasOldAttachments,
  isOldSession,
  type SessionSignals,
  takeOverAttachments,
  takeOverSession,
} from "@nc/session-db/node";
import { sessionFolder, sessionsFolder } from "./session-folder.ts";
import type { WorkloadDeps } from "./workload-deps.ts";

/** The host that takes over. */
export type TakeOverDeps = Pick<WorkloadDeps, "dataDir" | "runtime" | "now" | "log"> & {
  readonly central: Pick<Central, "beside" | "rows">;
  readonly signals: SessionSignals;
  /** Reads the session files of an older build, for tests. Default: a program beside the host's own. */
  readonly oldReader?: () => ForeignReader;
  /** The name of this host in its leases. */
  readonly owner: string;
  /** ms */
  readonly times: { readonly graceMs: number; readonly leaseMs: number };
  readonly report: (error: unknown) => void;
};

/** A session whose folder has files of an older build. */
type OldSession = { readonly id: string; readonly folder: string };

/**
 * Moves the sessions that an older build kept in files into the database, once, before they are used. A
 * session that cannot be read is logged and keeps its files; the others are not delayed, and the next start
 * tries it again.
 */
export const takeOverFiles = async (context: TakeOverDeps): Promise<void> => {
  const folder = sessionsFolder(context);
  if (await closeFolder(folder)) context.log("folder-closed", { folder });
  const sessions = await oldSessions(context);
  await takeOverUnwired(context);
  if (sessions.length === 0) return;
  const ended = await endAgentsOf(context, new Set(sessions.map(({ id }) => id)));
  // The deadline is long because this runs once, on a machine that may be busy with its start.
  const reader = context.oldReader?.() ?? foreignReader({ deadlineMs: 30_000 });
  try {
    for (const session of sessions)
      if (ended.has(session.id)) await takeOver(context, session, reader);
      else notTaken(context, session, "its agent could not be ended");
  } finally {
    await reader.close();
  }
};

/**
 * In the older build agents of other accounts needed this folder to reach their files. Now only the host's
 * account may enter it.
 */
const closeFolder = async (path: string): Promise<boolean> => {
  if (!existsSync(path) || ((await stat(path)).mode & 0o077) === 0) return false;
  await chmod(path, 0o700);
  return true;
};

const oldSessions = async (context: TakeOverDeps): Promise<readonly OldSession[]> => {
  const rows = await context.central.beside.selectFrom("sessions").select(["id", "agent_group_id"]).execute();
  return rows
    .map(({ id, agent_group_id: groupId }) => ({ id, folder: sessionFolder(context, groupId, id) }))
    .filter(({ folder }) => isOldSession(folder) || hasOldAttachments(folder));
};

/**
 * Stops the agents of an older build, which have no host to talk to. Returns the sessions without an agent.
 */
const endAgentsOf = async (
  { runtime, report, times }: TakeOverDeps,
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

const takeOver = async (context: TakeOverDeps, session: OldSession, reader: ForeignReader): Promise<void> => {
  const { central, owner, times, signals, log } = context;
  const lease = await takeLease(central.beside, { sessionId: session.id, owner, ttlMs: times.leaseMs });
  // Another host has the lease, and moves the session.
  if (!lease.ok) return;
  const side = { db: central.rows, signals, sessionId: session.id, token: lease.value.token };
  const taken = await takeOverSession(side, session.folder, reader);
  if (!taken.ok) return notTaken(context, session, taken.error);
  const files = await takeOverFilesOf(context, session);
  if (files !== null) log("session-taken-from-files", { session: session.id, ...taken.value, files });
};

/** Files of messages that await approval in a chat without a group. */
const takeOverUnwired = async (context: TakeOverDeps): Promise<void> => {
  const folder = join(sessionsFolder(context), "unwired-chats");
  if (hasOldAttachments(folder)) await takeOverFilesOf(context, { id: "", folder });
};

/** Returns how many files were moved; null if that failed. */
const takeOverFilesOf = async (
  context: TakeOverDeps,
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

const notTaken = ({ log }: TakeOverDeps, { id }: OldSession, reason: string): void =>
  log("session-not-taken-from-files", { session: id, reason });
