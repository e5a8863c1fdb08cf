import type { Reply } from "../commands/command.ts";
import type { CommandHost } from "./command-host.ts";
import { explain } from "../problems/command-messages.ts";
import type { ErrorBody, ResponseFrame } from "../wire/frame.ts";
import type { Result } from "@gatehouse/std";

/** Builds the frame that answers a request. */
export const responseFrame = (id: string, answer: Result<Reply, ErrorBody>): ResponseFrame => {
  if (!answer.ok) return { id, ok: false, error: answer.error };
  const { data, human, warnings = [] } = answer.value;
  return {
    id,
    ok: true,
    data: data ?? null,
    ...(human === undefined ? {} : { human }),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
};

/**
 * Turns an exception into an error for the caller. For an exception that the host's `troubleOf` knows, the
 * caller gets the host's sentence. For a bug, the caller learns only that one occurred, and the host gets the
 * exception. The transaction that threw was rolled back.
 */
export const afterThrow =
  (command: string, { report, troubleOf }: Pick<CommandHost<never>, "report" | "troubleOf">) =>
  (error: unknown): Result<never, ErrorBody> => {
    const trouble = troubleOf?.(error) ?? null;
    if (trouble !== null) return { ok: false, error: { code: "handler-error", message: trouble } };
    report?.(error);
    return {
      ok: false,
      error: { code: "handler-error", message: explain({ code: "handler-threw", command }) },
    };
  };
