import { request as requestByHttp, type IncomingMessage } from "node:http";
import { request as requestByHttps } from "node:https";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { badProxy, notReached, proxyRefused, tooSilent, type Refusal } from "../rules/refusal-messages.ts";
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

/** A request without an answer. */
export type CallError = {
  readonly refusal: Refusal;
  /** False if no connection was made (refused, an unknown name, TLS), so that the vendor has got nothing. */
  readonly isSent: boolean;
};

/**
 * Sends a request to a vendor, once, and resolves with the head of its answer. Follows no redirect. HTTPS goes through the
 * proxy of HTTPS_PROXY, unless NO_PROXY names the host.
 */
export const callVendor = (call: VendorCall): Promise<Result<IncomingMessage, CallError>> =>
  new Promise((resolve) => {
    const { vendor, url, method, headers, body, silenceMs, signal } = call;
    const isPlain = url.protocol === "http:";
    const send = isPlain ? requestByHttp : requestByHttps;
    const agent = isPlain ? ok(false as const) : agentFor(url);
    if (!agent.ok) return resolve(fail({ refusal: agent.error, isSent: false }));
    const length = body === null ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const request = send(url, {
      method,
      signal,
      headers: { ...headers, ...length, host: url.host },
      // No connection is shared by requests of two agents.
      agent: agent.value,
      timeout: silenceMs,
    });
    let [isSilent, isSent] = [false, false];
    const give = (code: string): void =>
      resolve(fail({ refusal: isSilent ? tooSilent(vendor) : notReached(vendor, code), isSent }));
    request
      // The agent passes the proxy's refusal on as the answer: a vendor's would say that the key is wrong.
      .once("proxyConnect", ({ statusCode }: { readonly statusCode: number }) => {
        if (statusCode === 200) return;
        resolve(fail({ refusal: proxyRefused(vendor, statusCode), isSent: false }));
        request.destroy();
      })
      .once("socket", (socket) => socket.once(isPlain ? "connect" : "secureConnect", () => (isSent = true)))
      .once("response", (answer) => resolve(ok(answer)))
      .once("timeout", () => {
        isSilent = true;
        request.destroy();
      })
      .on("error", (error) => give(systemCode(error)))
      .once("close", () => give("closed"));
    request.end(body ?? undefined);
  });

/** False if no proxy is set for the address. */
const agentFor = (url: URL): Result<HttpsProxyAgent<string> | false, Refusal> => {
  const proxy = getProxyForUrl(url.href);
  if (proxy === "") return ok(false);
  return URL.canParse(proxy) ? ok(new HttpsProxyAgent(proxy)) : fail(badProxy);
};
