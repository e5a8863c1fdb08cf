import { CloseCodes, DefaultWebSocketManagerOptions, WebSocketShard, type SessionInfo } from "@discordjs/ws";
import { pause } from "@gatehouse/fs-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import type { EventSocket, SocketHandlers } from "../inbox/by-socket.ts";
import type { CallError } from "../messenger.ts";
import { codeOf, unsent } from "../proxied-fetch.ts";
import type { DiscordApi } from "./discord-api.ts";
import { intentFix } from "./discord-set-up.ts";

/** GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT (https://docs.discord.com/developers/events/gateway#list-of-intents). */
const intents = (1 << 0) | (1 << 9) | (1 << 12) | (1 << 15);

/** Most time until a session begins or goes on, ms. */
const openMs = 20_000;

/** Discord begins one session of a bot in five seconds (`max_concurrency`). */
const betweenSessionsMs = 5_000;

/** Sessions of a day that are left to others: after the last one Discord resets the token (…/events/gateway#identifying). */
const spareSessions = 20;

/** Wait after a refusal that a person has to mend, ms: each try is a session of the day. */
const refusedMs = 300_000;

/** Failed tries after which a session is given up, and another one begins. */
const mostResumes = 3;

/** A dispatch (https://docs.discord.com/developers/events/gateway-events). */
export type Dispatch = { readonly t: string; readonly d: unknown };

export type GatewayOptions = {
  readonly api: DiscordApi;
  readonly token: string;
  readonly dispatched: (dispatch: Dispatch) => void;
};

type GatewayBot = {
  readonly url: string;
  readonly shards: number;
  readonly session_start_limit: {
    readonly total: number;
    readonly remaining: number;
    readonly reset_after: number;
    readonly max_concurrency: number;
  };
};

/**
 * Opens sockets to Discord's gateway, one after the other. Each goes on with the session of the last one if Discord still has it.
 * A shard of the library serves one socket: its own reconnects drop the session after one refused connection, repeat without a
 * growing wait, and cannot be ended meanwhile (@discordjs/ws 2.0.4).
 */
export const gateway = ({ api, token, dispatched }: GatewayOptions) => {
  let session: SessionInfo | null = null;
  let found: GatewayBot | null = null;
  let failedResumes = 0;
  let begunAt = -Infinity;

  return async ({
    heard,
    closed,
  }: Pick<SocketHandlers<never>, "heard" | "closed">): Promise<Result<OpenGateway, CallError>> => {
    if (found === null || session === null) {
      const asked = await api.call<GatewayBot>("get", "/gateway/bot");
      if (!asked.ok) return asked;
      found = asked.value;
      const late = tooEarly(found.session_start_limit, performance.now() - begunAt);
      if (late !== null) return fail(late);
    }
    const isResumed = session !== null;
    let state: "opening" | "open" | "over" = "opening";
    let hasHello = false;
    let lost = "";
    let ended: (error: CallError | null) => void = () => {};
    const outcome = new Promise<CallError | null>((resolve) => {
      ended = resolve;
    });
    const shard = new WebSocketShard(
      {
        options: {
          ...DefaultWebSocketManagerOptions,
          gatewayInformation: found,
          intents,
          shardCount: 1,
          token,
        },
        // After the end of this socket the library waits here for ever, and opens no other one.
        retrieveSessionInfo: () => (state === "over" ? new Promise<never>(() => {}) : session),
        updateSessionInfo: (_, info) => {
          if (state !== "over") session = info;
        },
        waitForIdentify: async (_, signal) => {
          await pause(Math.max(0, begunAt + betweenSessionsMs - performance.now()), signal);
          signal.throwIfAborted();
          begunAt = performance.now();
        },
      },
      0,
    );
    const over = (announced: boolean, error: CallError): void => {
      const was = state;
      state = "over";
      if (was === "open") closed(announced);
      ended(error);
    };
    const close = (code: CloseCodes): void => {
      over(true, { code: "unsent", message: "Discord's gateway began no session in time." });
      const destroy = (): void => void shard.destroy({ code }).catch(() => {});
      // The library does not end a connection that is not open yet.
      if (hasHello) destroy();
      else shard.once("hello", destroy);
    };
    const end = (): void => {
      // Discord ends the session with this code.
      session = null;
      close(CloseCodes.Normal);
    };
    shard.on("hello", () => {
      hasHello = true;
    });
    // A hello alone tells no event: only a session is heard.
    const isHeard = (): void => {
      if (state === "open") heard();
    };
    shard.on("heartbeat", isHeard);
    const begun = (): void => {
      failedResumes = 0;
      if (state !== "opening") return;
      state = "open";
      heard();
      ended(null);
    };
    shard.on("ready", begun);
    shard.on("resumed", begun);
    shard.on("dispatch", ({ t, d }) => {
      if (state === "over") return;
      isHeard();
      dispatched({ t, d });
    });
    shard.on("socketError", (error) => {
      lost = codeOf(error);
    });
    // A listener, or the library throws: the close code says the same.
    shard.on("error", () => {});
    // The library then waits half a minute for the end of a socket that is dead.
    shard.on("debug", (text) => {
      if (text.includes("Zombie connection")) over(false, { code: "unsent", message: silent });
    });
    shard.on("closed", (code) => {
      if (state === "over") return;
      if (endsSession.has(code)) session = null;
      over(code !== 1006, closeError(code, lost));
    });
    shard.connect().catch(() => {});
    const timer = setTimeout(end, openMs);
    const error = await outcome;
    clearTimeout(timer);
    if (error === null)
      return ok({ isOpen: () => state === "open", isResumed, pause: () => close(CloseCodes.Resuming), end });
    if (isResumed && (failedResumes += 1) >= mostResumes) session = null;
    return fail(error);
  };
};

/** Sessions begin one after the other once half of a day's are used: they then last until Discord counts anew. */
export const tooEarly = (
  { total, remaining, reset_after: resetMs }: Omit<GatewayBot["session_start_limit"], "max_concurrency">,
  /** The time since the last one began, ms; Infinity if none did. */
  sinceLastMs: number,
): CallError | null => {
  const left = remaining - spareSessions;
  if (left <= 0)
    return {
      code: "wait",
      message: `Discord lets this bot begin no more than ${remaining} sessions until it counts anew.`,
      // At its end Discord may not have counted anew yet.
      retryAfterMs: Math.min(Math.max(resetMs, betweenSessionsMs), 3_600_000),
    };
  const waitMs = remaining * 2 > total ? 0 : resetMs / left - sinceLastMs;
  if (waitMs <= 0) return null;
  const message = `Half of the ${total} sessions that Discord lets this bot begin in a day are used, so the next one begins later.`;
  return { code: "wait", message, retryAfterMs: Math.ceil(waitMs) };
};

export type OpenGateway = Omit<EventSocket, "acknowledge">;

const silent = "Discord's gateway answers no heartbeat.";

/** Codes after which a session does not go on (…/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes). */
const endsSession: ReadonlySet<number> = new Set([
  ...[1000, 1001, 4003, 4004, 4005, 4007, 4008, 4009],
  ...[4010, 4011, 4012, 4013, 4014],
]);

const refusals: Readonly<Record<number, string>> = {
  4010: "Invalid shard",
  4011: "Sharding required: the bot is in more servers than this host serves",
  4012: "Invalid API version",
  4013: "Invalid intent(s)",
};

const closeError = (code: number, lost: string): CallError => {
  if (code === 4004)
    return {
      code: "unauthorized",
      message: "Discord refuses the bot's token (4004).",
      retryAfterMs: refusedMs,
    };
  if (code === 4014)
    return {
      code: "refused",
      message: "Discord says: Disallowed intent(s) (4014).",
      fix: intentFix,
      retryAfterMs: refusedMs,
    };
  const refusal = refusals[code];
  if (refusal !== undefined)
    return { code: "refused", message: `Discord says: ${refusal} (${code}).`, retryAfterMs: refusedMs };
  const why = unsent.has(lost) ? lost : String(code);
  return {
    code: "unsent",
    message: `Discord's gateway ended the connection (${why}).`,
    // It is that of an invalid session: Discord wants some seconds before the next one.
    ...(code === 1000 ? { retryAfterMs: betweenSessionsMs } : {}),
  };
};
