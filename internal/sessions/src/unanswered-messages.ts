import { existsSync } from "node:fs";
import { agreedSessions, type CentralTables } from "@gatehouse/control-plane";
import {
  checkOutbound,
  countUnanswered,
  foreignReader,
  type ForeignReaderOptions,
} from "@nc/session-db/node";
import type { Kysely } from "kysely";
import { sessionFolder } from "./held/session-folder.ts";
import { howToMend } from "./held/unread.ts";

/** Messages that wait for agents, in all active sessions. */
export type UnansweredMessages = {
  readonly count: number;
  /** ISO 8601, UTC; null without any. */
  readonly oldest: string | null;
  /** Sessions whose file cannot be read: theirs are not counted. */
  readonly unread: number;
  /** Sessions whose container left a file that the host cannot read, why not, and what to do about it. */
  readonly unreadable: readonly UnreadableSession[];
};

export type UnreadableSession = { readonly session: string; readonly reason: string; readonly fix: string };

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
  const there = sessions
    .map(({ id, agent_group_id }) => ({
      id,
      folder: sessionFolder({ sessionsDir: dir }, agent_group_id, id),
    }))
    .filter(({ folder }) => existsSync(folder));
  if (there.length === 0) return { count: 0, oldest: null, unread: 0, unreadable: [] };
  const reader = foreignReader(options);
  try {
    const counted = await Promise.all(there.map(({ folder }) => countUnanswered(folder, reader)));
    const checked = await Promise.all(there.map(({ folder }) => checkOutbound(folder, reader)));
    const known = counted.flatMap((one) => (one.ok ? one.value : []));
    return {
      count: known.reduce((sum, { count }) => sum + count, 0),
      oldest: known.flatMap(({ oldest }) => oldest ?? []).toSorted()[0] ?? null,
      unread: counted.length - known.length,
      unreadable: there.flatMap(({ id }, index) => {
        const one = checked[index];
        if (one?.ok !== false) return [];
        return [{ session: id, reason: one.error.message, fix: howToMend(id) }];
      }),
    };
  } finally {
    await reader.close();
  }
};

/** What `gatehouse status` says of sessions that cannot be read, a line each. */
export const unreadLines = ({ unread, unreadable }: UnansweredMessages): readonly string[] => [
  ...(unread === 0 ? [] : [`${"".padEnd(10)} those of ${unread} sessions cannot be read`]),
  ...unreadable.map(({ session, reason, fix }) => `unreadable ${session}: ${reason}; ${fix}`),
];
