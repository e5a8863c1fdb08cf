import { fieldsOf, parseJson, textOf } from "@gatehouse/std";
import type { ProviderError } from "../provider.ts";

/** Why a turn ended without an answer. */
export type TurnFailure = Pick<ProviderError, "message"> & { readonly code: "unavailable" | "failed" };

/** Reads the error of a turn that failed or was interrupted (0.169.0). */
export const readFailure = (error: unknown): TurnFailure => {
  const { message, codexErrorInfo: info } = fieldsOf(error);
  const text = textOf(message);
  const status = statusIn(info);
  const code = isTemporary(info, status, text) ? "unavailable" : "failed";
  if (status === 429) return { code, message: "The model's service takes no more requests now (429)." };
  return { code, message: sentenceIn(text) };
};

/** Kinds of errors without a status that may be over at the next try. */
const temporary: ReadonlySet<unknown> = new Set([
  ...["internalServerError", "serverOverloaded", "rateLimitExceeded", "flexUnavailable"],
  ...["policyCapacityUnavailable"],
]);

/** `status` is that of the service; null if there was none, for example without a connection. */
const isTemporary = (info: unknown, status: number | null, text: string): boolean => {
  if (status !== null) return status === 408 || status === 429 || status >= 500;
  // A cut answer has no kind of its own: `other`.
  return temporary.has(info) || isOfConnection(info) || text.startsWith("stream disconnected");
};

/** `{"httpConnectionFailed": {"httpStatusCode": 402}}` and the like. */
const statusIn = (info: unknown): number | null => {
  const { httpStatusCode: status } = fieldsOf(Object.values(fieldsOf(info))[0]);
  return typeof status === "number" ? status : null;
};

const isOfConnection = (info: unknown): boolean =>
  Object.keys(fieldsOf(info)).some((kind) => /^(http|response)/.test(kind));

/**
 * The sentence of the gateway or the vendor. Codex writes it between words of its own, and shows the body of a 400 as
 * it came:
 *
 *     unexpected status 402 Payment Required: This group has used up its day., url: http://127.0.0.1:1/v1/responses
 *     {"error":{"message":"This is not JSON."}}
 */
const sentenceIn = (text: string): string => {
  const [, inner] = /^unexpected status \d+[^:]*: ([^]*), url: \S+$/.exec(text) ?? [];
  const { error } = fieldsOf(text.startsWith("{") ? parseJson(text) : null);
  return inner ?? (textOf(fieldsOf(error)["message"]) || text || "Codex ended the turn without a reason.");
};
