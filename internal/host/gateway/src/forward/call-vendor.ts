import { request as requestByHttp, type IncomingMessage } from "node:http";
import { request as requestByHttps } from "node:https";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { notReached, tooSilent, type Refusal } from "../rules/refusal-messages.ts";
import type { VendorName } from "../rules/vendors.ts";

export type VendorCall = {
  readonly vendor: VendorName;
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Maximum time without a byte of the vendor, ms. */
  readonly silenceMs: number;
  /** Aborted when the agent leaves, or its token is revoked. */
  readonly signal: AbortSignal;
};

/** Sends a request to a vendor, once, and resolves with the head of its answer. Follows no redirect. */
export const callVendor = (call: VendorCall): Promise<Result<IncomingMessage, Refusal>> =>
  new Promise((resolve) => {
    const { vendor, url, method, headers, body, silenceMs, signal } = call;
    const send = url.protocol === "http:" ? requestByHttp : requestByHttps;
    const length = body === null ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const request = send(url, {
      ...{ method, signal },
      headers: { ...headers, ...length, host: url.host },
      // No connection is shared by requests of two agents.
      agent: false,
      timeout: silenceMs,
    });
    let isSilent = false;
    request
      .once("response", (answer) => resolve(ok(answer)))
      .once("timeout", () => {
        isSilent = true;
        request.destroy();
      })
      .on("error", (error) =>
        resolve(fail(isSilent ? tooSilent(vendor) : notReached(vendor, systemCode(error)))),
      )
      .once("close", () => resolve(fail(isSilent ? tooSilent(vendor) : notReached(vendor, "closed"))));
    request.end(body ?? undefined);
  });
