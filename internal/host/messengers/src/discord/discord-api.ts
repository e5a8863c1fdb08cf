import { DiscordAPIError, HTTPError, RateLimitError, REST, type RawFile } from "@discordjs/rest";
import { fail, ok, type Result } from "@gatehouse/std";
import type { CallError } from "../messenger.ts";
import { fetchFrom, lostCall } from "../proxied-fetch.ts";

/** Where Discord is. */
export const discordRoot = "https://discord.com";

export type DiscordApiOptions = {
  readonly token: string;
  /** The address of Discord. */
  readonly root?: string;
  /** Most time for a call, ms. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
};

export type DiscordError = CallError & {
  /** Discord's number of the error (https://docs.discord.com/developers/topics/opcodes-and-status-codes#json). */
  readonly number?: number;
};

export type Call = {
  readonly body?: unknown;
  readonly files?: RawFile[];
  /** False for a route whose address is the secret. */
  readonly auth?: boolean;
  readonly signal?: AbortSignal;
};

/** Calls routes of Discord's HTTP API, version 10. No error of it contains the token or a text. */
export type DiscordApi = {
  readonly call: <Answer>(
    method: "get" | "patch" | "post",
    route: `/${string}`,
    call?: Call,
  ) => Promise<Result<Answer, DiscordError>>;
};

/** Most time for a call, ms. Less than the outbox waits for the call of another host. */
const defaultTimeoutMs = 15_000;

/**
 * Nothing is repeated by the library, and no limit is waited out in its queue: the outbox and the inbox wait, and say so. A client
 * forgets its token after one 401, so it gets it with each call (@discordjs/rest 2.6.3).
 */
export const discordApi = ({
  token,
  root = discordRoot,
  timeoutMs = defaultTimeoutMs,
  signal,
}: DiscordApiOptions): DiscordApi => {
  const rest = new REST({
    api: `${root}/api`,
    version: "10",
    retries: 0,
    timeout: timeoutMs,
    rejectOnRateLimit: () => true,
    makeRequest: (address, init) => fetchFrom(address, init as never) as never,
  });
  return {
    call: async <Answer>(
      method: "get" | "patch" | "post",
      route: `/${string}`,
      { body, files, auth = true, signal: until }: Call = {},
    ) => {
      const signals = [signal, until].filter((one) => one !== undefined);
      try {
        rest.setToken(token);
        const answer = await rest[method](route, {
          ...(body === undefined ? {} : { body }),
          ...(files === undefined ? {} : { files }),
          auth,
          // The library's own time ends with the headers of the answer.
          signal: AbortSignal.any([...signals, AbortSignal.timeout(timeoutMs)]),
        });
        // Without JSON: nothing, or the page of somebody on the way.
        if (answer instanceof ArrayBuffer && answer.byteLength > 0) return fail(noAnswer);
        return ok(answer as Answer);
      } catch (error) {
        return fail(callError(error, root));
      }
    },
  };
};

const noAnswer: DiscordError = { code: "unknown", message: "Discord's answer was no answer of Discord's." };

/** A 429 without a time, ms: that of Cloudflare may have none. */
const someMs = 5_000;

const each = (
  code: CallError["code"],
  ...numbers: readonly number[]
): Readonly<Record<number, CallError["code"]>> => Object.fromEntries(numbers.map((number) => [number, code]));

/** What Discord's numbers mean for the room (https://docs.discord.com/developers/topics/opcodes-and-status-codes#json). */
const meanings: Readonly<Record<number, CallError["code"]>> = {
  // Unknown channel, server, user, recipient.
  ...each("no-such-chat", 10003, 10004, 10013, 50033),
  // A person who takes nothing from the bot, or shares no server with it.
  ...each("blocked", 50007, 50278),
  // No access, no permission, an archived or a locked thread, a channel of another kind.
  ...each("muted", 50001, 50013, 50083, 160005, 50008, 50009),
  // Slow mode, and the limits of writing.
  ...each("wait", 20016, 20028, 20029),
  ...each("unauthorized", 50014, 40001),
  // The token of an interaction has ended. Its 401 says nothing about the bot's.
  ...each("refused", 50027),
};

type Refusal = { readonly message?: unknown; readonly retry_after?: unknown };

/** What an error of the library means: only Discord's own refusal, and a 429, say that nothing was done. */
export const callError = (error: unknown, root: string): DiscordError => {
  if (error instanceof RateLimitError)
    return {
      code: "wait",
      message: "Discord says: You are being rate limited.",
      retryAfterMs: error.retryAfter > 0 ? Math.ceil(error.retryAfter) : someMs,
    };
  if (error instanceof DiscordAPIError) {
    const { status, code: number, rawError } = error;
    const said = rawError as Refusal | null;
    const { message } = said ?? {};
    // A page of a proxy or of Cloudflare says nothing about the call.
    if (typeof number !== "number" || typeof message !== "string") return noAnswer;
    const code = meanings[number] ?? (status === 401 ? "unauthorized" : "refused");
    const seconds = typeof said?.retry_after === "number" ? said.retry_after : null;
    return {
      code,
      message: `Discord says: ${message} (${number})`,
      number,
      ...(code === "wait" ? { retryAfterMs: seconds === null ? someMs : Math.ceil(seconds * 1000) } : {}),
    };
  }
  if (error instanceof HTTPError)
    return { code: "unknown", message: `Discord's answer was lost (${error.status}).` };
  return lostCall(error ?? {}, "Discord", root);
};
