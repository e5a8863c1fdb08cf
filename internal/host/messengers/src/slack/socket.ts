import { SocketModeClient } from "@slack/socket-mode";
import { fail, ok, type Result } from "@gatehouse/std";
import type { EventSocket, SocketHandlers } from "../inbox/by-socket.ts";
import type { CallError } from "../messenger.ts";
import { proxyFor } from "../proxied-fetch.ts";
import { callError, clientOptions, quiet, slackRoot } from "./slack-api.ts";

/** What Slack sends over the socket (https://docs.slack.dev/apis/events-api/using-socket-mode). */
export type Envelope = {
  readonly id: string;
  readonly type: string;
  readonly body: unknown;
};

export type SocketOptions = Pick<SocketHandlers<never>, "heard" | "closed"> & {
  readonly appToken: string;
  readonly root?: string;
  /** Most time until Slack says hello, ms. The library itself waits for ever. */
  readonly timeoutMs?: number;
  /** Ends the opening of the socket. */
  readonly signal: AbortSignal;
  readonly received: (envelope: Envelope) => void;
};

/** The default of `timeoutMs`. */
const openMs = 15_000;

/**
 * Opens a socket. A client of the library serves one socket and opens no other: an error while it opens the next one would be an
 * unhandled rejection, and it is deaf for five seconds before each (@slack/socket-mode 3.1.0).
 */
export const openSocket = async ({
  appToken,
  root = slackRoot,
  timeoutMs = openMs,
  signal,
  received,
  heard,
  closed,
}: SocketOptions): Promise<Result<EventSocket, CallError>> => {
  const dispatcher = await proxyFor("wss://wss-primary.slack.com/");
  const client = new SocketModeClient({
    appToken,
    autoReconnectEnabled: false,
    logger: quiet,
    clientOptions: clientOptions({ root, timeoutMs, signal }),
    ...(dispatcher === undefined ? {} : { dispatcher: dispatcher as never }),
  });
  let isOpen = false;
  const close = (announced: boolean): void => {
    if (isOpen) closed(announced);
    isOpen = false;
  };
  client.on("slack_event", ({ envelope_id: id, type, body }: SlackEvent) => received({ id, type, body }));
  // The library also ends a socket on which Slack answers no ping for five seconds.
  client.on("disconnected", () => close(false));
  // Slack says so some seconds before it closes a socket, and hands over to the next one meanwhile.
  client.on("ws_message", (text: unknown) => {
    heard();
    if (typeof text === "string" && /"type"\s*:\s*"disconnect"/.test(text)) close(true);
  });
  const end = (): void => {
    isOpen = false;
    client.disconnect().catch(() => {});
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), timeoutMs);
    signal.addEventListener("abort", () => resolve("late"), { once: true });
  });
  const started = client.start();
  try {
    if ((await Promise.race([started, late])) === "late") {
      // It may still open a socket.
      started.then(end, () => {});
      end();
      return fail({ code: "unsent", message: "Slack opened no socket in time." });
    }
  } catch (error) {
    end();
    return fail(callError(error, root));
  } finally {
    clearTimeout(timer);
  }
  isOpen = true;
  return ok({
    // Slack repeats an event that it hears nothing about within 3 s, three times.
    acknowledge: (envelopeId) => (client as unknown as Sender).send(envelopeId),
    isOpen: () => isOpen,
    isResumed: false,
    pause: end,
    end,
  });
};

type SlackEvent = { readonly envelope_id: string; readonly type: string; readonly body: unknown };

/** The library acknowledges only the envelopes of its own socket; Slack knows an envelope by its id on any. */
type Sender = { readonly send: (envelopeId: string) => Promise<void> };
