import type { CommandError, Intent } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";

/** What the carriers of `wake`, `restart`, `rebuild` and `stop` are given. */
export type SessionsPayload = {
  /** Those that are meant, also if some are gone when the intent is carried out. */
  readonly sessionIds: readonly string[];
  /** Sessions without a container: they get the message at their next start, and are not started for it. */
  readonly keptFor?: readonly string[];
  readonly groupId: string;
  /** What the new container of a restart is told first. */
  readonly message: string | null;
  /** For the log. */
  readonly reason: string;
};

/** Asks the host to stop sessions, in the transaction of a command; they are stopped after its commit. */
export type StopSessions = (payload: SessionsPayload, command: string) => Promise<void>;

/**
 * `wake` starts the containers of sessions that have none. `restart` ends them and starts them again, `rebuild`
 * with a new image where there are images. `stop` ends them, and closes the sessions that are still there.
 */
export const sessionsIntent = (
  kind: "wake" | "restart" | "rebuild" | "stop",
  payload: SessionsPayload,
): Result<Intent, CommandError> => ({ ok: true, value: { kind, payload } });
