import { LogLevel, WebClient, type WebClientOptions } from "@slack/web-api";
import { fail, ok, type Result } from "@gatehouse/std";
import type { CallError } from "../messenger.ts";
import { fetchFrom, lostCall } from "../proxied-fetch.ts";

/** Where Slack is. */
export const slackRoot = "https://slack.com";

export type SlackApiOptions = {
  readonly token: string;
  /** The address of Slack. */
  readonly root?: string;
  /** Most time for a call, ms. */
  readonly timeoutMs?: number;
  /** Ends all calls. */
  readonly signal?: AbortSignal;
};

/** Calls methods of Slack's Web API. No error of it contains a token. */
export type SlackApi = {
  readonly call: <Answer>(
    method: string,
    payload: Readonly<Record<string, unknown>>,
  ) => Promise<Result<Answer, CallError>>;
};

/** Most time for a call, ms. Cards to other people wait for as long. */
const defaultTimeoutMs = 15_000;

/** Says nothing: the library's lines would name messages. */
export const quiet: NonNullable<WebClientOptions["logger"]> = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

/**
 * The options of a client of `@slack/web-api`, made anew for each, because it changes them. Nothing is repeated by the library: its
 * repeated `chat.postMessage` would be a second message.
 */
export const clientOptions = ({
  root = slackRoot,
  timeoutMs = defaultTimeoutMs,
  signal,
}: Omit<SlackApiOptions, "token">): WebClientOptions => ({
  slackApiUrl: `${root}/api/`,
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  timeout: timeoutMs,
  logger: quiet,
  fetch: (address, init = {}) => {
    const signals = [signal, init.signal].filter((one) => one !== undefined);
    return fetchFrom(String(address), { ...(init as RequestInit), signal: AbortSignal.any(signals) });
  },
});

export const slackApi = ({ token, ...options }: SlackApiOptions): SlackApi => {
  const client = new WebClient(token, clientOptions(options));
  return {
    call: async <Answer>(method: string, payload: Readonly<Record<string, unknown>>) => {
      try {
        const answer: unknown = await client.apiCall(method, { ...payload });
        return ok(answer as Answer);
      } catch (error) {
        return fail(callError(error, options.root ?? slackRoot));
      }
    },
  };
};

type Thrown = {
  readonly code?: unknown;
  readonly data?: { readonly error?: unknown; readonly needed?: unknown };
  readonly retryAfter?: unknown;
  readonly original?: unknown;
};

/** A 429 without a time, s. */
const someSeconds = 5;

/** What an error of the library means: only a refusal in Slack's own words, and a 429, say that nothing was done. */
export const callError = (error: unknown, root: string): CallError => {
  const { code, data, retryAfter, original } = (error ?? {}) as Thrown;
  if (code === "slack_webapi_rate_limited_error") {
    const seconds = typeof retryAfter === "number" ? retryAfter : someSeconds;
    return { code: "wait", message: "Slack says: ratelimited", retryAfterMs: seconds * 1000 };
  }
  if (code === "slack_webapi_platform_error") return refusal(data?.error, data?.needed);
  return lostCall(original ?? error ?? {}, "Slack", root);
};

const each = (
  code: CallError["code"],
  ...words: readonly string[]
): Readonly<Record<string, CallError["code"]>> => Object.fromEntries(words.map((word) => [word, code]));

/** What Slack's words mean for the room (https://docs.slack.dev/reference/methods/chat.postMessage#errors). */
const meanings: Readonly<Record<string, CallError["code"]>> = {
  ...each("unauthorized", "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"),
  ...each(
    "unauthorized",
    "not_allowed_token_type",
    "user_removed_from_team",
    "team_disabled",
    "missing_scope",
  ),
  ...each("no-such-chat", "channel_not_found", "user_not_found", "users_not_found"),
  ...each("blocked", "user_disabled", "cannot_dm_bot", "is_inactive"),
  ...each("muted", "not_in_channel", "is_archived", "restricted_action", "restricted_action_thread_locked"),
  ...each("muted", "restricted_action_read_only_channel", "restricted_action_non_threadable_channel"),
  ...each("unknown", "fatal_error", "internal_error", "service_unavailable", "request_timeout"),
};

const scopesPage = "https://api.slack.com/apps, the app, OAuth & Permissions, Bot Token Scopes";

/** An error that is no word of Slack's, such as a page of HTML, says nothing about the call. */
const refusal = (said: unknown, needed: unknown): CallError => {
  if (typeof said !== "string" || !/^[a-z_]{3,60}$/.test(said))
    return { code: "unknown", message: "Slack's answer was no answer of Slack's." };
  if (said === "ratelimited")
    return { code: "wait", message: "Slack says: ratelimited", retryAfterMs: someSeconds * 1000 };
  const code = meanings[said] ?? "refused";
  if (said !== "missing_scope" || typeof needed !== "string" || !/^[a-z_.:, ]{3,300}$/.test(needed))
    return { code, message: `Slack says: ${said}` };
  const message = `Slack says: missing_scope (${needed})`;
  // An app's token has its only scope from the page that makes it: there a new one is made.
  return needed === "connections:write"
    ? { code, message }
    : { code, message, fix: `add ${needed} at ${scopesPage}, and install the app again` };
};
