import type { CommandError, Reply } from "@nc/cli-scope";
import type { InstallPayload, SessionsPayload } from "@gatehouse/command-context";
import type { Result } from "@gatehouse/std";

/** The work that an act may ask the host to do: its payload by its kind. */
export type IntentPayloads = {
  readonly wake: SessionsPayload;
  readonly stop: SessionsPayload;
  readonly restart: SessionsPayload;
  readonly rebuild: SessionsPayload;
  readonly install: InstallPayload;
  readonly reload: null;
};

export type IntentKind = keyof IntentPayloads;

/** How an intent ended: the reply to the command that asked for it. */
export type IntentOutcome = Result<Reply, CommandError>;

/**
 * Carries out an intent. It must be idempotent: if the host is killed before the outcome is written, the next
 * start calls it again with the same payload (at-least-once). It runs in no transaction, and may open its
 * own. The intent's id is the same at each call, so files or rows that it writes can be named by the id.
 *
 * Returns null if the host is closing and did not carry out the intent, which then stays open for the next
 * host.
 */
export type IntentHandler<Kind extends IntentKind> = (
  payload: IntentPayloads[Kind],
  intentId: string,
) => Promise<IntentOutcome | null>;

/**
 * The handlers of the kinds that this host carries out. The module that does the work provides its handler.
 */
export type IntentHandlers = { readonly [Kind in IntentKind]?: IntentHandler<Kind> };
