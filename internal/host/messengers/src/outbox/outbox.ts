import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { Attachment, Channel, ChannelError, ToChat } from "@gatehouse/channels";
import { fencedWrite } from "@gatehouse/session-rows";
import { backoff, fail, ok, turns, type Card, type Result } from "@gatehouse/std";
import { moveChat } from "../inbox/move-chat.ts";
import type { ChatKey } from "../inbox/poll-lease.ts";
import { tellLost, tellMuted } from "../lost-chats.ts";
import type { CallError, Connection, Part } from "../messenger.ts";
import type { MessengerHost } from "../used-bot.ts";
import { beginSend, partsOfMessage, setSend, shownCards, type SendRow } from "./sends.ts";

type Database = Kysely<CentralTables>;

export type OutboxOptions = {
  readonly type: string;
  /** The connection of a bot; undefined for a bot that this host does not have. */
  readonly connectionOf: (bot: string) => Connection | undefined;
  readonly host: MessengerHost;
  /** First wait after a platform could not be reached, ms; doubled each time. */
  readonly retryMs: number;
};

export type Outbox = {
  readonly send: (message: SentMessage) => Promise<Sent>;
  /** Gives running calls a moment. Those that take longer are given up, and are uncertain. */
  readonly hurry: () => void;
  /** Sends nothing more. Resolves when no call runs. */
  readonly close: () => Promise<void>;
};

/** `asks`: the text is the label of an option that needs words. A reply to the message answers this card. */
type SentMessage = ToChat & { readonly asks?: Card };

type Sent = Awaited<ReturnType<Channel["send"]>>;

/** Longest wait after a platform could not be reached, ms. */
const longestRetryMs = 60_000;

/** Time after which a call of another host that was not noted as ended has surely ended, ms. Longer than a call may take. */
const longestCallMs = 20_000;

/** Time for running calls after the close began, ms. */
const closingMs = 1_000;

/** Sends messages to chats: those of a chat one after the other, each part once. No chat waits for another. */
export const outbox = (options: OutboxOptions): Outbox => {
  const { type, connectionOf } = options;
  const closing = new AbortController();
  const chats = turns();
  const waits: Waits = new Map();
  const { messages: db, now, log } = options.host;
  const context: SendContext = { ...options, db, now, log, waits, signal: closing.signal };
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  return {
    send: async (message) => {
      if (isClosed) return fail({ code: "closed", message: "The channel is closed." });
      const key = { type, bot: message.instance, chat: message.platformId };
      const connection = connectionOf(key.bot);
      if (connection === undefined || !connection.isChat(key.chat))
        return fail({ code: "no-such-chat", message: `No bot of this host has a chat ${key.chat}.` });
      return chats.inTurn(nameOf(key), () => sendMessage(context, connection, key, message));
    },
    hurry: () => void (timer ??= setTimeout(() => closing.abort(), closingMs)),
    close: async () => {
      isClosed = true;
      await chats.idle();
      clearTimeout(timer);
    },
  };
};

/** By chat, when the platform takes messages again (`performance.now()`, ms), and how often it could not be reached. */
type Waits = Map<string, { readonly until: number; readonly failures: number }>;

type SendContext = OutboxOptions &
  Pick<MessengerHost, "now" | "log"> & {
    readonly db: Database;
    readonly waits: Waits;
    readonly signal: AbortSignal;
  };

const nameOf = ({ bot, chat }: ChatKey): string => `${bot} ${chat}`;

const sendMessage = async (
  context: SendContext,
  connection: Connection,
  key: ChatKey,
  message: SentMessage,
): Promise<Sent> => {
  const there = await partsIn(context, key, message.id);
  if (there === null) return fail({ code: "refused", message: "Another message has its id." });
  const isNew = there.length === 0;
  if (isNew && !(await areReadable(message.attachments)))
    return fail({ code: "refused", message: "One of its files cannot be read." });
  const rows = isNew ? await planned(context, connection, key, message) : there;
  return sendRows(context, connection, key, { message, rows, isNew });
};

/**
 * The parts of a message in its chat. Null if another chat has got a message with this id. If none of it got there, such as a
 * card for a person who has left that bot, the message may go here.
 */
const partsIn = async (
  { db }: SendContext,
  key: ChatKey,
  messageId: string,
): Promise<readonly SendRow[] | null> => {
  const there = await partsOfMessage(db, messageId);
  if (there.every(({ bot, chat }) => bot === key.bot && chat === key.chat)) return there;
  if (there.some(({ state }) => state !== "failed")) return null;
  await db.deleteFrom("messenger_sends").where("message_id", "=", messageId).execute();
  return [];
};

/** Reads all bytes of the files, before any part of the message is sent. */
const areReadable = async (attachments: readonly Attachment[] = []): Promise<boolean> => {
  for (const { size, content } of attachments) {
    let bytes = 0;
    try {
      for await (const chunk of content()) bytes += chunk.length;
    } catch {
      return false;
    }
    if (bytes !== size) return false;
  }
  return true;
};

/** The parts of a message. That to a card, with its outcome, changes each shown message of the card. */
const planned = async (
  context: SendContext,
  connection: Connection,
  key: ChatKey,
  message: SentMessage,
): Promise<readonly SendRow[]> => {
  const { id, inReplyTo, from, text, threadId, asks } = message;
  if (asks !== undefined) {
    const part = connection.askForWords(text, threadId);
    return [{ ...rowOf(context, key, { id, part, number: 0 }), card: JSON.stringify(asks) }];
  }
  const cardId =
    inReplyTo === null || from !== null
      ? null
      : ((await partsOfMessage(context.db, inReplyTo)).find(({ card_id }) => card_id !== null)?.card_id ??
        null);
  const shown = cardId === null ? [] : await shownCards(context.db, key, cardId);
  const edits = shown.flatMap(({ content, platform_message_id: platformMessageId }, number) => {
    if (platformMessageId === null) return [];
    const part = connection.closeCard({ content, platformMessageId }, text);
    return [{ ...rowOf(context, key, { id, part, number }), platform_message_id: platformMessageId }];
  });
  return edits.length > 0
    ? edits
    : connection.partsOf(message).map((part, number) => rowOf(context, key, { id, part, number }));
};

type NumberedPart = { readonly id: string; readonly part: Part; readonly number: number };

const rowOf = ({ now }: SendContext, key: ChatKey, { id, part, number }: NumberedPart): SendRow => ({
  message_id: id,
  part: number,
  ...key,
  state: "waiting",
  content: part.content,
  platform_message_id: null,
  card_id: part.card?.id ?? null,
  card: part.card === null ? null : JSON.stringify(part.card),
  at: now(),
});

type Rows = {
  readonly message: ToChat;
  /** The platform has refused the chat's former id. */
  readonly isMoved?: true;
  readonly rows: readonly SendRow[];
  /** They are not in the database yet. */
  readonly isNew: boolean;
};

const sendRows = async (
  context: SendContext,
  connection: Connection,
  key: ChatKey,
  given: Rows,
): Promise<Sent> => {
  const { message, rows, isNew } = given;
  const { attachments = [], lease, noteSent } = message;
  let last: string | null = null;
  let isStored = !isNew;
  for (const row of rows) {
    if (row.state === "sent") {
      last = row.platform_message_id;
      continue;
    }
    if (row.state === "uncertain") return uncertain(context, row, rows, noAnswer(connection));
    // No call of this host runs, because the chat's messages take turns. An edit may be repeated.
    const isTried = row.state === "sending" && row.platform_message_id === null;
    if (isTried) {
      const leftMs = context.host.isShared ? callEndsIn(row) : 0;
      if (leftMs > 0) return fail({ ...otherSends, retryAfterMs: leftMs });
      if (!isRepeatable(connection, row)) return uncertain(context, row, rows, noAnswer(connection));
    }
    const at = isTried ? row.at : context.now();
    const wait = waitOf(context.waits, key);
    if (wait !== null) return wait;
    const begun = await fencedWrite(context.db, lease, async (transaction) => {
      if (!isStored)
        await transaction
          .insertInto("messenger_sends")
          .values([...rows])
          .onConflict((there) => there.doNothing())
          .execute();
      return beginSend(transaction, row, at);
    });
    if (!begun.ok) return begun;
    if (!begun.value) return fail({ ...otherSends, retryAfterMs: context.retryMs });
    isStored = true;
    const sent = await connection.send(key.chat, row.content, attachments, context.signal);
    const movedTo = sent.ok || given.isMoved === true ? undefined : sent.error.movedTo;
    if (movedTo !== undefined) {
      await setSend(context.db, row, { state: "failed" });
      await context.host.db
        .transaction()
        .execute((transaction) => moveChat(transaction, key, { to: movedTo, now: context.now() }));
      const left = await partsOfMessage(context.db, row.message_id);
      const there = { ...key, chat: movedTo };
      return sendRows(context, connection, there, { ...given, rows: left, isNew: false, isMoved: true });
    }
    if (!sent.ok) {
      const tried = { ...row, at };
      const mayRepeat = isRepeatable(connection, tried);
      return failed(context, key, { row: tried, rows, isTried, mayRepeat }, sent.error);
    }
    context.waits.delete(nameOf(key));
    last = sent.value;
    const done = {
      state: "sent",
      platform_message_id: sent.value,
      ...(row.card === null ? { content: "" } : {}),
    };
    if (noteSent === undefined || row !== rows.at(-1)) await setSend(context.db, row, done);
    else
      await context.db.transaction().execute(async (transaction) => {
        await noteSent(transaction, sent.value);
        await setSend(transaction, row, done);
      });
  }
  return ok({ platformMessageId: last });
};

const noAnswer = ({ repeatableMs }: Connection): string =>
  repeatableMs === undefined ? "The host ended while it sent it." : "No answer said whether it was sent.";

/** True while the platform knows a part by its first call. */
const isRepeatable = (
  { repeatableMs }: Connection,
  { at, content }: Pick<SendRow, "at" | "content">,
): boolean => {
  const ageMs = Date.now() - Date.parse(at);
  return ageMs >= 0 && ageMs < (repeatableMs?.(content) ?? 0);
};

/** Time until the call of another host for this part has surely ended, ms. */
const callEndsIn = ({ at }: SendRow): number => {
  const leftMs = Date.parse(at) + longestCallMs - Date.now();
  // Clocks of hosts differ by seconds. More is a clock that was set back since.
  return leftMs > 2 * longestCallMs ? 0 : Math.min(leftMs, longestCallMs);
};

/** Another host of this database sends the same message, such as a card, or ended while it did. */
const otherSends = { code: "not-reachable", message: "Another host sends this message." } as const;

const waitOf = (waits: Waits, key: ChatKey): Result<never, ChannelError> | null => {
  const ms = (waits.get(nameOf(key))?.until ?? 0) - performance.now();
  return ms <= 0
    ? null
    : fail({ code: "not-reachable", message: "The chat takes no message yet.", retryAfterMs: ms });
};

/** Names a part whose outcome is unknown, in the log and to the sender. The parts after it are not sent. */
const uncertain = async (
  { db, log, type }: SendContext,
  row: SendRow,
  rows: readonly SendRow[],
  why: string,
): Promise<Sent> => {
  if (row.state !== "uncertain") {
    await setSend(db, row, { state: "uncertain" });
    log("part-uncertain", { channel: type, id: row.message_id, part: row.part, chat: row.chat, reason: why });
  }
  const after = rows.length - row.part - 1;
  const which = rows.length === 1 ? "" : ` It is part ${row.part + 1} of ${rows.length}.`;
  const others =
    after === 0
      ? ""
      : ` The ${after === 1 ? "part" : "parts"} after it ${after === 1 ? "was" : "were"} not sent.`;
  return fail({ code: "uncertain", message: `${why}${which}${others}` });
};

type Tried = {
  readonly row: SendRow;
  readonly rows: readonly SendRow[];
  /** An earlier call may have been carried out. */
  readonly isTried: boolean;
  readonly mayRepeat: boolean;
};

const failed = async (
  context: SendContext,
  key: ChatKey,
  { row, rows, isTried, mayRepeat }: Tried,
  error: CallError,
): Promise<Sent> => {
  const { code, message, retryAfterMs } = error;
  const isOpen = isTried || (code === "unknown" && row.platform_message_id === null);
  const isForNow = code === "unsent" || code === "wait" || code === "unknown" || code === "conflict";
  if (isOpen && !(isForNow && mayRepeat)) return uncertain(context, row, rows, message);
  if (isForNow) {
    if (!isOpen) await setSend(context.db, row, { state: "waiting" });
    const failures = (context.waits.get(nameOf(key))?.failures ?? 0) + 1;
    const ms = retryAfterMs ?? backoff({ first: context.retryMs, most: longestRetryMs }, failures);
    context.waits.set(nameOf(key), { until: performance.now() + ms, failures });
    return fail({ code: "not-reachable", message, retryAfterMs: ms });
  }
  await setSend(context.db, row, { state: "failed" });
  if (code === "blocked") await tellLost(context.host, key, message);
  if (code === "muted") await tellMuted(context.host, key, message);
  if (code === "unauthorized" || code === "muted") return fail({ code: "refused", message });
  return fail({ code, message });
};
