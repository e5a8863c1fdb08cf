import { existsSync } from "node:fs";
import { agreedSessions, type CentralTables } from "@gatehouse/control-plane";
import { countUnanswered, foreignReader, type ForeignReaderOptions } from "@nc/session-db/node";
import type { Kysely } from "kysely";
import { sessionFolder } from "./held/session-folder.ts";

/** Messages that wait for agents, in all active sessions. */
export type UnansweredMessages = {
  readonly count: number;
  /** ISO 8601, UTC; null without any. */
  readonly oldest: string | null;
  /** Sessions whose file cannot be read: theirs are not counted. */
  readonly unread: number;
};

/**
 * Counts them in the sessions' files, which are in `sessionsDir` unless several hosts share a folder. It needs
 * no host.
 */
export const unansweredMessages = async (
  db: Kysely<CentralTables>,
  sessionsDir: string,
  options: ForeignReaderOptions = {},
): Promise<UnansweredMessages> => {
  const { dir } = (await agreedSessions(db)) ?? { dir: sessionsDir };
  const sessions = await db
    .selectFrom("sessions")
    .select(["id", "agent_group_id"])
    .where("status", "=", "active")
    .execute();
  const folders = sessions
    .map(({ id, agent_group_id }) => sessionFolder({ sessionsDir: dir }, agent_group_id, id))
    .filter(existsSync);
  if (folders.length === 0) return { count: 0, oldest: null, unread: 0 };
  const reader = foreignReader(options);
  try {
    const counted = await Promise.all(folders.map((folder) => countUnanswered(folder, reader)));
    const known = counted.flatMap((one) => (one.ok ? one.value : []));
    return {
      count: known.reduce((sum, { count }) => sum + count, 0),
      oldest: known.flatMap(({ oldest }) => oldest ?? []).toSorted()[0] ?? null,
      unread: counted.length - known.length,
    };
  } finally {
    await reader.close();
  }
};
