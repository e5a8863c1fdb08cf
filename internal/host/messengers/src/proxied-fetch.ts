import { getProxyForUrl } from "proxy-from-env";
import type { CallError } from "./messenger.ts";

/** What `fetch` and undici's WebSocket send their requests through. */
export type Dispatcher = NonNullable<RequestInit["dispatcher"]>;

const dispatchers = new Map<string, Dispatcher>();

/**
 * The proxy of HTTPS_PROXY for an address; undefined if there is none, or NO_PROXY names the host. undici 7 serves the `fetch` of
 * Node 20.20, 22.23, 24.22 and 26.12; the types of Node 20's know its version 6 alone.
 */
export const proxyFor = async (address: string): Promise<Dispatcher | undefined> => {
  const proxy = getProxyForUrl(address);
  if (proxy === "") return undefined;
  const { ProxyAgent } = await import("undici");
  const made = dispatchers.get(proxy) ?? (new ProxyAgent(proxy) as unknown as Dispatcher);
  dispatchers.set(proxy, made);
  return made;
};

/** Goes through the proxy of HTTPS_PROXY, unless NO_PROXY names the host: Node's own `fetch` does so from 24 on, if told to. */
export const fetchFrom = async (address: string, request: RequestInit): Promise<Response> => {
  const dispatcher = await proxyFor(address);
  return fetch(address, dispatcher === undefined ? request : { ...request, dispatcher });
};

/** What an error of `fetch` means for a call to a platform at this address. */
export const lostCall = (error: unknown, title: string, address: string): CallError => {
  const why = codeOf(error);
  const through = getProxyForUrl(address) === "" ? "" : " through the proxy of HTTPS_PROXY";
  return unsent.has(why)
    ? { code: "unsent", message: `${title} cannot be reached${through} (${why}).` }
    : { code: "unknown", message: `${title}'s answer was lost (${why}).` };
};

/**
 * The codes of requests that never left this machine. After any other error the call may have been carried out. The last but
 * one is that of a proxy that refuses (undici 7.30.2), the last that of a proxy without an address.
 */
export const unsent: ReadonlySet<string> = new Set([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"],
  ...["UND_ERR_ABORTED", "ERR_INVALID_URL"],
]);

/** The word for an error of `fetch`. Its messages are left out: they may contain the address. */
export const codeOf = (error: unknown): string => {
  const { cause, code, name } = error as Failed & { readonly name?: unknown };
  // The refusal of a proxy is the cause of a cause.
  const words = [cause?.cause?.code, cause?.code, code, name];
  const isCode = (word: unknown): word is string => typeof word === "string" && /^\w{1,40}$/.test(word);
  return words.find(isCode) ?? "no answer";
};

type Failed = { readonly code?: unknown; readonly cause?: Failed };
