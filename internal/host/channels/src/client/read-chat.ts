import { fail, ok, type Result } from "@gatehouse/std";
import { clientFrame, type PastMessage, type Said } from "../local/frames.ts";
import {
  chatLink,
  type ChatLink,
  type LinkError,
  type LinkEvents,
  type LinkOptions,
  type Welcome,
} from "./chat-link.ts";
import type { LocalFile } from "./local-file.ts";

/** A person's chat with a group, or their direct chat. */
export type ChatPlace = Pick<LinkOptions, "socketPath" | "group" | "as">;

/** The last messages of a chat, oldest first. */
export type ReadChat = { readonly welcome: Welcome; readonly past: readonly PastMessage[] };

/** Reads the last messages of a chat. It opens no chat. */
export const readChat = (
  place: ChatPlace,
  { last, signal }: { readonly last: number; readonly signal?: AbortSignal },
): Promise<Result<ReadChat, LinkError>> => {
  const past: PastMessage[] = [];
  let welcome: Welcome | null = null;
  return onOneLink<ReadChat>({ ...place, history: last, historyOnly: true }, (end) => {
    const endIfRead = (): void => {
      if (welcome !== null && past.length === (welcome.past ?? 0)) end(ok({ welcome, past }));
    };
    return {
      welcome: (got) => {
        welcome ??= got;
        endIfRead();
      },
      past: (message) => {
        past.push(message);
        endIfRead();
      },
      taken: () => {},
      refused: () => {},
      begun: (link) => {
        signal?.addEventListener("abort", link.stop, { once: true });
        if (signal?.aborted === true) link.stop();
      },
    };
  });
};

/** Sends one message. Resolves when the host has stored it, or says why it does not. */
export const sendToChat = async (
  place: ChatPlace,
  said: Said,
  files: readonly LocalFile[] = [],
): Promise<Result<null, LinkError>> => {
  // The host ends the connection at a line that is too long, and reads the files first.
  const checked = clientFrame(said);
  if (!checked.ok) return checked;
  return onOneLink<null>(place, (end) => ({
    welcome: () => {},
    taken: () => end(ok(null)),
    refused: ({ code, message }) => end(fail({ code, message })),
    begun: (link) => link.say(said, files),
  }));
};

type Events = Omit<LinkEvents, "lost" | "message"> & { readonly begun: (link: ChatLink) => void };

/** Uses one connection until `end` is called, or the connection is lost. */
const onOneLink = async <T>(
  options: Omit<LinkOptions, "reconnectMs" | "events">,
  eventsOf: (end: (result: Result<T, LinkError>) => void) => Events,
): Promise<Result<T, LinkError>> => {
  let link: ChatLink | undefined;
  const result = await new Promise<Result<T, LinkError>>((end) => {
    const lost = (): void => end(fail(hostGone));
    const { begun, ...events } = eventsOf(end);
    link = chatLink({ ...options, reconnectMs: 0, events: { ...events, lost, message: () => {} } });
    begun(link);
    void link.ended.then((ended) => (ended.ok ? lost() : end(ended)));
  });
  link?.stop();
  await link?.ended;
  return result;
};

const hostGone = { code: "host-gone", message: "The host ended before the last message." };
