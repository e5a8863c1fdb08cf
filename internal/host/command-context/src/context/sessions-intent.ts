import type { CommandError, Intent } from "@nc/cli-scope";
import type { Result } from "@gatehouse/std";

/** The payload of the intents `wake`, `restart`, `rebuild` and `stop`. */
export type SessionsPayload = {
  /** The sessions to act on. Some may no longer exist when the intent is carried out. */
  readonly sessionIds: readonly string[];
  /** Sessions without a container: they are not started, and get the message at their next start. */
  readonly keptFor?: readonly string[];
  readonly groupId: string;
  /** The first message to the new container of a restart; null for none. */
  readonly message: string | null;
  /** The reason, for the log. */
  readonly reason: string;
};

/** The payload of the intent `install`. */
export type InstallPayload = SessionsPayload & {
  /** The packages that the group is to have as well, by name. */
  readonly packages: { readonly apt: readonly string[]; readonly npm: readonly string[] };
  /** The author of the change, and why it was made; null for no reason. */
  readonly actor: string;
  readonly why: string | null;
};

/** Asks the host to restart or to stop sessions, in the transaction of a command. It is done after its commit. */
export type AskSessions = (
  kind: "restart" | "stop",
  payload: SessionsPayload,
  command: string,
) => Promise<void>;

/**
 * Makes the intent of an act on sessions. `wake` starts the containers of sessions that have none. `restart`
 * stops containers and starts them again; `rebuild` does so with a new image, on runtimes with images. `stop`
 * stops containers, and closes the sessions that still exist.
 */
export const sessionsIntent = (
  kind: "wake" | "restart" | "rebuild" | "stop",
  payload: SessionsPayload,
): Result<Intent, CommandError> => ({ ok: true, value: { kind, payload } });

/**
 * Makes the intent that gives a group more packages: its image is built with them, they are saved, and its sessions
 * start again in it.
 */
export const installIntent = (payload: InstallPayload): Result<Intent, CommandError> => ({
  ok: true,
  value: { kind: "install", payload },
});
