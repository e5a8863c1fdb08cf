import {
  Agent as HttpAgent,
  request as requestByHttp,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { Agent as HttpsAgent, request as requestByHttps } from "node:https";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { badProxy, notReached, proxyRefused, tooSilent, type Refusal } from "../rules/refusal-messages.ts";
import type { VendorName } from "../rules/vendors.ts";

export type VendorCall = {
  readonly vendor: VendorName;
  readonly url: URL;
  /** Whose connections it may use, and leaves its own to; null for a connection that carries one request. */
  readonly keptFor: string | null;
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
 * proxy of HTTPS_PROXY, unless NO_PROXY names the host. A request whose connection ends is not sent again: the vendor may have
 * read it, and a CLI repeats it itself.
 */
export const callVendor = (call: VendorCall): Promise<Result<IncomingMessage, CallError>> =>
  new Promise((resolve) => {
    const { vendor, url, keptFor, method, headers, body, silenceMs, signal } = call;
    const isPlain = url.protocol === "http:";
    const send = isPlain ? requestByHttp : requestByHttps;
    const agent = agentFor(url, keptFor);
    if (!agent.ok) return resolve(fail({ refusal: agent.error, isSent: false }));
    const length = body === null ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const options: KeptOptions = {
      method,
      signal,
      keptFor,
      headers: { ...headers, ...length, host: url.host },
      agent: agent.value,
      timeout: silenceMs,
    };
    const request = send(url, options);
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
      .once("socket", (socket) => {
        if (request.reusedSocket) isSent = true;
        else socket.once(isPlain ? "connect" : "secureConnect", () => (isSent = true));
      })
      .once("response", (answer) => resolve(ok(answer)))
      .once("timeout", () => {
        isSilent = true;
        request.destroy();
      })
      .on("error", (error) => give(systemCode(error)))
      .once("close", () => give("closed"));
    request.end(body ?? undefined);
  });

type KeptOptions = RequestOptions & Pick<VendorCall, "keptFor">;

/** Time for which a connection without a request is kept, ms. A vendor that says less in `Keep-Alive` is obeyed. */
const keptMs = 30_000;

/** An agent whose connections are each kept for one `keptFor`: no connection is shared by requests of two agents. */
const keeping = <A extends HttpAgent>(agent: A): A => {
  const nameOf = agent.getName.bind(agent);
  agent.getName = (options) => `${(options as KeptOptions).keptFor ?? ""} ${nameOf(options)}`;
  return agent;
};
const kept = { keepAlive: true, timeout: keptMs, maxFreeSockets: 4 };
const [byHttp, byHttps] = [keeping(new HttpAgent(kept)), keeping(new HttpsAgent(kept))];

/** False for a connection that is not kept. A proxy's are not. */
const agentFor = (
  url: URL,
  keptFor: string | null,
): Result<HttpAgent | HttpsProxyAgent<string> | false, Refusal> => {
  const isPlain = url.protocol === "http:";
  const proxy = isPlain ? "" : getProxyForUrl(url.href);
  if (proxy === "") return ok(keptFor !== null && (isPlain ? byHttp : byHttps));
  return URL.canParse(proxy) ? ok(new HttpsProxyAgent(proxy)) : fail(badProxy);
};
