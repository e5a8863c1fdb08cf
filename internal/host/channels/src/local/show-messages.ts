import type { ChatHost } from "./chat-host.ts";
import type { Hello, ReadUpTo, ServerFrame, ShownWriting } from "./frames.ts";
import type { Guest } from "./greet.ts";
import { coalesced } from "@gatehouse/std";
import { messagesAfter, pastMessages, shownCards, type ShownFrom } from "./lines.ts";
import { type ChatPart, lastOf, lastSeq } from "./transcript.ts";

/** Shows messages to one client, and what agents are writing. */
export type MessageShower = {
  /** The last places of the client's chats that were shown to it. */
  readonly shownUpTo: ReadonlyMap<string, number>;
  /**
   * Welcomes a client, with the number of the past messages that follow. Then shows those that it asked for, to a new client the
   * open cards, and the messages that it has missed. The past alone to a client that wants nothing else.
   */
  readonly show: (guest: Guest, hello: Hello, welcome: (past: number) => Promise<unknown>) => Promise<void>;
  /** Shows new messages of a chat. */
  readonly nudge: (chat: string) => void;
  /** A client that reads slowly gets only the newest text, and each message that waits. */
  readonly writing: (writing: ShownWriting) => void;
  /** Resolves when nothing is being shown. */
  readonly idle: () => Promise<void>;
};

type Options = {
  readonly host: Pick<ChatHost, keyof ShownFrom | "report">;
  /** False for a guest who is refused by now. Then the connection is closed. */
  readonly isServed: (guest: Guest) => Promise<boolean>;
  readonly send: (frame: ServerFrame) => Promise<boolean>;
};

export const messageShower = (options: Options): MessageShower => {
  const { host, isServed, send } = options;
  const shownUpTo = new Map<string, number>();
  let reader: { readonly guest: Guest; readonly wantsWriting: boolean } | null = null;
  let pending: readonly ShownWriting[] = [];
  const pump = coalesced(async () => {
    if (reader !== null) await showNew(shownUpTo, reader.guest, options);
  }, host.report);
  const pumpWriting = coalesced(async () => {
    if (reader === null || pending.length === 0 || !(await isServed(reader.guest))) return;
    const due = pending;
    pending = [];
    for (const writing of due) await send({ type: "writing", ...writing });
  }, host.report);
  return {
    shownUpTo,
    show: async (guest, { after, history = 0, historyOnly = false, writing = false }, welcome) => {
      for (const one of guest.chats) shownUpTo.set(one, after?.[one] ?? (await lastSeq(host.db, one)));
      const upTo = Object.fromEntries(shownUpTo);
      const part = { chat: guest.chat, upTo: upTo[guest.chat] ?? 0 };
      const past = after === null && history > 0 ? await lastOf(host.db, part, history) : null;
      await welcome(past?.count ?? 0);
      if (past !== null && past.count > 0) await showPast(guest, part, past.first, options);
      if (historyOnly) return;
      reader = { guest, wantsWriting: writing };
      if (after === null) await showOpenCards(guest, upTo, options);
      void pump.run();
    },
    nudge: (chat) => {
      if (!shownUpTo.has(chat)) return;
      // The new message may be the one that was being written.
      pending = pending.filter(isWaiting);
      void pump.run();
    },
    writing: (writing) => {
      if (reader?.wantsWriting !== true || !shownUpTo.has(writing.chat)) return;
      pending = [...pending.filter(isWaiting).slice(-mostWaiting), writing];
      void pumpWriting.run();
    },
    idle: async () => {
      await pump.idle();
      await pumpWriting.idle();
    },
  };
};

/** Most reports of waiting messages that a client has not read. */
const mostWaiting = 100;

/** Each such report is about another message, so no later one replaces it. */
const isWaiting = ({ waits }: ShownWriting): boolean => waits === true;

const showPast = async (
  guest: Guest,
  part: ChatPart,
  first: number,
  { host, isServed, send }: Options,
): Promise<void> => {
  for (let at = first; ;) {
    const { messages, next } = await pastMessages(host, guest, part, at);
    if (messages.length === 0 || !(await isServed(guest))) return;
    for (const message of messages) if (!(await send(message))) return;
    at = next;
  }
};

/** Cards after that place are shown as new messages. */
const showOpenCards = async (guest: Guest, upTo: ReadUpTo, { host, send }: Options): Promise<void> => {
  for (const card of await shownCards(host, guest)) if (card.seq <= (upTo[card.chat] ?? 0)) await send(card);
};

/**
 * Sends the new messages of each chat. A message counts as shown once the client has read the one before it.
 */
const showNew = async (
  shownUpTo: Map<string, number>,
  guest: Guest,
  { host, isServed, send }: Options,
): Promise<void> => {
  for (const chat of shownUpTo.keys()) {
    for (;;) {
      const messages = await messagesAfter(host, chat, shownUpTo.get(chat) ?? 0);
      if (messages.length === 0) break;
      if (!(await isServed(guest))) return;
      for (const message of messages) {
        if (!(await send(message))) return;
        shownUpTo.set(chat, message.seq);
      }
    }
  }
};
