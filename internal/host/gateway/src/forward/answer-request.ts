import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { CentralTables } from "@gatehouse/central-database";
import { fail, ok, type Result } from "@gatehouse/std";
import type { Kysely } from "kysely";
import { checkBody, type CheckedBody } from "../rules/check-body.ts";
import { estimatedInput } from "../rules/estimate.ts";
import { allowedHeaders, type Route, routeOf, tokenIn, vendorOf } from "../rules/routes.ts";
import {
  bodyTooLarge,
  bodyTooSlow,
  keyRefused,
  modelUnknown,
  oddAnswer,
  type Refusal,
  refusalAnswer,
  unknownToken,
  vendorTrouble,
} from "../rules/refusal-messages.ts";
import type { Tokens } from "../rules/read-usage.ts";
import { type Upstreams, upstreamUrl, type VendorName, vendors } from "../rules/vendors.ts";
import type { Gate, Slot } from "./bounds.ts";
import { callVendor } from "./call-vendor.ts";
import { type Caller, callerOf } from "./caller.ts";
import type { Meter, Settle } from "./meter.ts";
import { errorText, passAnswer, passError } from "./pass-answer.ts";
import type { NoteVendor } from "./vendor-troubles.ts";

export type GatewayDeps = {
  /** Sees committed data, and waits for no transaction. */
  readonly reading: Kysely<CentralTables>;
  /** The addresses now: another host may change them. */
  readonly upstreams: () => Upstreams;
  /** The key of a vendor for a group. */
  readonly keyOf: (vendor: VendorName, groupId: string) => Promise<Result<string, Refusal>>;
  /** Called when a vendor refuses a key, so that a cached one is read anew. */
  readonly keyRefused?: (vendor: VendorName) => void;
  readonly meter: Meter;
  readonly noteVendor?: NoteVendor;
  /** Leaves a notice for the owners about trouble that only they can end, once a day for each key. */
  readonly tellOwners?: (key: string, text: string) => Promise<void>;
  readonly limits: GatewayLimits;
  /** What agents and groups hold now. */
  readonly gate: Gate;
  /** Called for a connection with a valid token. */
  readonly known: (request: IncomingMessage) => void;
};

export type GatewayLimits = BodyLimits & {
  /** Maximum time without a byte of the vendor, ms. */
  readonly silenceMs: number;
  /** Time between two checks of a token while an answer runs, ms. */
  readonly checkEveryMs: number;
};

/** Answers one request of an agent. */
export const answerRequest = async (
  deps: GatewayDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const vendor = vendorOf(request.headers);
  const routed = routeOf({ method: request.method ?? "", target: request.url ?? "", vendor });
  if (routed.kind === "hello") return void response.writeHead(200, { connection: "close" }).end();
  const token = tokenIn(request.headers);
  const caller = token === null ? null : await callerOf(deps.reading, token);
  if (token === null || caller === null) return refuse(response, vendor, unknownToken);
  deps.known(request);
  if (routed.kind === "refused") return refuse(response, vendor, routed.refusal);
  const slot = deps.gate.admit(caller, !routed.isCounted);
  if (!slot.ok) return refuse(response, routed.vendor, slot.error);
  const admitted = { route: routed, caller, token, slot: slot.value };
  const refusal = await forward(deps, admitted, request, response).finally(slot.value.release);
  if (refusal === null) return;
  refuse(response, routed.vendor, refusal);
  const { toldAs, message } = refusal;
  if (toldAs !== undefined)
    await deps.tellOwners?.(`${caller.groupId}/${toldAs}`, `${caller.groupName}: ${message}`);
};

type Admitted = {
  readonly route: Route;
  readonly caller: Caller;
  readonly token: string;
  readonly slot: Slot;
};

/** Checks and forwards a request. Returns the refusal if the gateway answers itself; null if it has answered. */
const forward = async (
  deps: GatewayDeps,
  { route, caller, token, slot }: Admitted,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Refusal | null> => {
  const { vendor, method } = route;
  const [text, key] = await Promise.all([
    method === "POST" ? readBody(request, deps.limits, slot) : ok(null),
    deps.keyOf(vendor, caller.groupId),
  ]);
  if (text === null) return null;
  if (!text.ok) return text.error;
  const body = text.value === null ? null : checkBody(route, text.value, caller.models);
  if (body?.ok === false) return body.error;
  if (!key.ok) return key.error;
  // The agent may have left meanwhile. Nothing is reserved or sent for it.
  if (response.destroyed) return null;
  const estimate = body === null ? 0 : estimatedInput(vendor, body.value);
  const counted = route.isCounted && body !== null ? body.value : null;
  const reserved = counted === null ? null : await reserve(deps, { vendor, caller, body: counted, estimate });
  if (reserved?.ok === false) return reserved.error;
  const settle = reserved?.value ?? (() => Promise.resolve());
  const watched = watch(deps, token, response);
  try {
    const asked = { headers: request.headers, body: body?.value ?? null, caller, token };
    const sent = { ...route, ...asked, key: key.value, estimate };
    const { used, refusal, pass } = await exchange(deps, sent, watched.signal, response);
    await settle(used);
    pass?.();
    return refusal;
  } finally {
    watched.stop();
  }
};

const noTokens: Tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** Most tokens that are reserved for an answer. A CLI asks for far more than it uses: 128,000 (Claude Code 2.1.328). */
const mostReserved = 8_192;

type Reserving = {
  readonly vendor: VendorName;
  readonly caller: Caller;
  readonly body: CheckedBody;
  readonly estimate: number;
};

const reserve = (
  { meter }: GatewayDeps,
  { vendor, caller, body: { frame, model, answerTokens, otherPrice }, estimate }: Reserving,
): Promise<Result<Settle, Refusal>> => {
  const output = Math.min(answerTokens ?? mostReserved, mostReserved);
  const tokens = { ...noTokens, input: estimate, output };
  const least = { ...noTokens, input: estimatedInput(vendor, { text: frame, model, media: [] }), output };
  return meter.reserve({ caller, vendor, model, tokens, least, otherPrice });
};

type Sent = Route & {
  readonly headers: IncomingMessage["headers"];
  readonly body: CheckedBody | null;
  readonly caller: Caller;
  readonly token: string;
  readonly key: string;
  /** The estimate of the input. */
  readonly estimate: number;
};

/** The end of an exchange with a vendor. */
type Exchanged = {
  /** The tokens of the request. Null: it did not leave the host. */
  readonly used: Tokens | null;
  /** The gateway's own answer; null if the vendor's was passed on, or nobody is there to read one. */
  readonly refusal: Refusal | null;
  /** Passes an error of the vendor on, after its usage was settled. */
  readonly pass?: () => void;
};

const exchange = async (
  { upstreams, limits, keyRefused: forget, noteVendor }: GatewayDeps,
  { vendor, method, path, headers, body, caller, token, key, isCounted, estimate }: Sent,
  signal: AbortSignal,
  response: ServerResponse,
): Promise<Exchanged> => {
  const rules = vendors[vendor];
  // The agent may have left while its request was counted.
  if (response.destroyed) return { used: null, refusal: null };
  const called = await callVendor({
    vendor,
    keptFor: token,
    method,
    signal,
    silenceMs: limits.silenceMs,
    url: upstreamUrl({ ...upstreams(), ...caller.upstream }, vendor, path),
    headers: rules.withKey(
      {
        ...allowedHeaders(headers, rules.requestHeaders),
        ...(body === null ? {} : { "content-type": "application/json" }),
      },
      key,
    ),
    body: body?.text ?? null,
  });
  if (!called.ok) {
    const { isSent, refusal } = called.error;
    if (isCounted && !signal.aborted) await noteVendor?.(caller, vendor, refusal.message.replace(/\.$/, ""));
    // An agent that leaves before the answer has had its input read. A vendor that gives no answer charges nothing.
    const tokens = signal.aborted ? { ...noTokens, input: estimate } : noTokens;
    return { used: isSent ? tokens : null, refusal };
  }
  const answer = called.value;
  const status = answer.statusCode ?? 502;
  if (isCounted) await noteVendor?.(caller, vendor, vendorTrouble(vendor, status));
  // Google says by a 400 that a key is wrong.
  const text = status === 400 && rules.badKey !== null ? await errorText(answer) : null;
  const isRefused = status === 401 || status === 403 || (text !== null && rules.badKey?.test(text) === true);
  const odd = oddPart(status, answer.headers["content-encoding"]);
  const unknown =
    status === 404 && isCounted && body !== null ? modelUnknown(vendor, body.model, caller) : null;
  const isWhole = status >= 200 && status < 300;
  if (isRefused || odd !== null || unknown !== null) {
    answer.destroy();
    if (isRefused) forget?.(vendor);
    const refusal = isRefused ? keyRefused(vendor) : (unknown ?? oddAnswer(vendor, odd ?? ""));
    // An answer that cannot be read may have any length.
    const unread = {
      ...noTokens,
      input: estimate,
      output: Math.min(body?.answerTokens ?? mostReserved, mostReserved),
    };
    return { used: isWhole ? unread : noTokens, refusal };
  }
  if (!isWhole) {
    const said = text ?? (await errorText(answer));
    return { used: noTokens, refusal: null, pass: () => passError({ vendor, answer, key }, said, response) };
  }
  const isStream = /^text\/event-stream\b/.test(answer.headers["content-type"] ?? "");
  return { used: await passAnswer({ vendor, answer, isStream, key, estimate }, response), refusal: null };
};

/** The part of an answer that the gateway does not pass on; null if there is none. */
const oddPart = (status: number, encoding: string | undefined): string | null => {
  if (status >= 300 && status < 400) return "a redirect";
  return encoding === undefined || encoding === "identity" ? null : "an encoded text";
};

/** Ends a request when its agent leaves, or its token is revoked. */
const watch = ({ reading, limits }: GatewayDeps, token: string, response: ServerResponse) => {
  const left = new AbortController();
  const leave = (): void => {
    left.abort();
    if (!response.writableFinished) response.destroy();
  };
  const check = async (): Promise<void> => {
    if ((await callerOf(reading, token)) === null) leave();
  };
  // A database that cannot be read now may revoke nothing either, so the answer goes on.
  const timer = setInterval(() => void check().catch(() => {}), limits.checkEveryMs);
  response.once("close", leave);
  return {
    signal: left.signal,
    stop: (): void => {
      clearInterval(timer);
      response.off("close", leave);
    },
  };
};

const refuse = (response: ServerResponse, vendor: VendorName, refusal: Refusal): void => {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const { status, headers, body } = refusalAnswer(vendor, refusal);
  response.writeHead(status, { ...headers, connection: "close" }).end(body);
  // The rest of a body is read for a moment: an agent that still sends would not read the answer otherwise.
  response.req.resume();
};

/** The limits of a body: its bytes, and the time in which it has to arrive, ms. */
type BodyLimits = { readonly mostBytes: number; readonly withinMs: number };

/** Reads a request's body; null if the agent left. */
const readBody = (
  request: IncomingMessage,
  { mostBytes, withinMs }: BodyLimits,
  slot: Pick<Slot, "room" | "take">,
): Promise<Result<string, Refusal> | null> =>
  new Promise((resolve) => {
    // A request that was closed before emits no further `close`.
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
      const refusal = bytes > mostBytes ? bodyTooLarge(mostBytes) : slot.take(part.length);
      if (refusal !== null) return finish(fail(refusal));
      parts.push(part);
      const room = slot.room();
      if (room === null) return;
      request.pause();
      void room.then(() => request.resume());
    };
    const timer = setTimeout(() => finish(fail(bodyTooSlow)), withinMs);
    request
      .on("data", take)
      .once("end", () => finish(ok(Buffer.concat(parts).toString("utf8"))))
      .once("close", () => finish(null));
  });
