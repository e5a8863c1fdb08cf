import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { fail, ok, type Result } from "@gatehouse/std";
import { bodyTooLarge, bodyTooSlow, type Refusal } from "../rules/refusal-messages.ts";

/** The limits of a body: its bytes, and the time in which it has to arrive, ms. */
export type BodyLimits = { readonly mostBytes: number; readonly withinMs: number };

/** Reads a request's body; null if the agent left. */
export const readBody = (
  request: IncomingMessage,
  { mostBytes, withinMs }: BodyLimits,
): Promise<Result<string, Refusal> | null> =>
  new Promise((resolve) => {
    // It was closed before anyone listened, and is not closed again.
    if (request.destroyed) return resolve(null);
    const parts: Buffer[] = [];
    let bytes = 0;
    const finish = (result: Result<string, Refusal> | null): void => {
      clearTimeout(timer);
      request.off("data", take);
      resolve(result);
    };
    const take = (part: Buffer): void => {
      bytes += part.length;
      if (bytes > mostBytes) finish(fail(bodyTooLarge(mostBytes)));
      else parts.push(part);
    };
    const timer = setTimeout(() => finish(fail(bodyTooSlow)), withinMs);
    request
      .on("data", take)
      .once("end", () => finish(ok(Buffer.concat(parts).toString("utf8"))))
      .once("close", () => finish(null));
  });
