import type { Reply } from "../commands/command.ts";
import type { CommandHost } from "./command-host.ts";
import { explain } from "../problems/explain.ts";
import type { ErrorBody, ResponseFrame } from "../wire/frame.ts";
import type { Result } from "@gatehouse/std";

/** The frame that answers a request. */
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
 * What is left of an exception: of trouble that the host knows the caller is told, of a bug that there was one, and the host gets
 * it whole. Whatever it came out of was undone with its transaction.
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
