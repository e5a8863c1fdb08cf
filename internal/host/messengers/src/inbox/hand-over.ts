import type { Kysely } from "kysely";
import type { CardAnswer } from "@gatehouse/approvals";
import type { CentralTables } from "@gatehouse/central-database";
import { type FromPerson, type Pump, pumping } from "@gatehouse/channels";
import { pause } from "@gatehouse/fs-kit";
import type { Connection, ReadUpdate } from "../messenger.ts";
import { batch, claimUpdate, nextUpdates, type InboxUpdate } from "./updates.ts";
import type { BotKey } from "./poll-lease.ts";

type ReadMessage = Extract<ReadUpdate, { readonly type: "message" }>;

export type HandOverOptions = {
  readonly key: BotKey;
  readonly connection: Pick<Connection, "read" | "openFiles" | "settle">;
  readonly db: Kysely<CentralTables>;
  readonly now: () => string;

  readonly receive: (message: FromPerson) => Promise<void>;
  /** The answer that a press or a reply gives; null for a message to the agent; `handled` if the room itself has answered. */
  readonly answerOf: (read: ReadMessage) => Promise<CardAnswer | null | "handled">;
  /** The room's own answer to a message, such as to the press of Start; null for a message to the host. */
  readonly ownAnswer: (read: ReadMessage) => Promise<string | null>;
  /** Sends the host's words to a person: `how` makes the id. */
  readonly tell: (message: ReadMessage["message"], how: "failed" | "begun", text: string) => Promise<void>;
  readonly lost: (chat: string, why: string) => Promise<void>;
  readonly moved: (chat: string, to: string) => Promise<unknown>;

  /** Wait before the second try, ms; doubled each time. */
  readonly retryMs: number;
  readonly report: (error: unknown) => void;
};

/** Hands people's messages over to the host. */
export type HandOver = {
  /** Hands over the waiting updates of a chat, in order, one after the other. */
  readonly nudge: (chat: string) => void;
  /** Starts no further handover. Resolves when the running ones are finished. */
  readonly close: () => Promise<void>;
};

/** Most tries to hand over a message on which the host fails, before the person is told. */
const mostTries = 5;

/** Most tries to find the files of a message at the platform. After them it is handed over without the files. */
const mostFileTries = 8;

/** The inbox is in the database, so each chat needs memory only for one batch. A slow chat delays no other. */
export const handOver = (options: HandOverOptions): HandOver => {
  const { db, key, retryMs, report } = options;
  const pumps = new Map<string, Pump>();
  const closing = new AbortController();
  const { signal } = closing;
  const nudge = (chat: string): void => {
    if (signal.aborted) return;
    const pump = pumps.get(chat) ?? pumping(() => drain(chat), report);
    pumps.set(chat, pump);
    pump.nudge();
  };
  const drain = async (chat: string): Promise<void> => {
    try {
      for (;;) {
        const updates = await nextUpdates(db, { ...key, chat });
        if (updates.length === 0) return;
        const { groups, waitMs } = groupsIn(updates, options);
        for (const group of groups) {
          if (signal.aborted) return;
          await handOne(group, options, signal);
        }
        if (waitMs > 0) await pause(waitMs, signal);
        if (signal.aborted) return;
      }
    } catch (error) {
      report(error);
      await pause(retryMs, signal);
      nudge(chat);
    }
  };
  return {
    nudge,
    close: async () => {
      closing.abort();
      await Promise.all([...pumps.values()].map(({ idle }) => idle()));
    },
  };
};

/** Time for which the parts of one message are awaited, ms. Telegram sends those of an album at once. */
const partsMs = 500;

/** Updates that are one message. */
type Group = readonly [InboxUpdate, ...InboxUpdate[]];

/** The messages among these updates. A last one whose parts may still come is left out; `waitMs` says for how long. */
const groupsIn = (
  updates: readonly InboxUpdate[],
  options: HandOverOptions,
): { readonly groups: readonly Group[]; readonly waitMs: number } => {
  const groups: [InboxUpdate, ...InboxUpdate[]][] = [];
  for (const update of updates) {
    const last = groups.at(-1);
    if (last?.[0].message_id === update.message_id) last.push(update);
    else groups.push([update]);
  }
  const newest = updates.at(-1);
  if (newest === undefined) return { groups, waitMs: 0 };
  const read = readSafely(newest, options);
  if (read.type !== "message" || !read.isPart) return { groups, waitMs: 0 };
  const isCut = updates.length === batch && groups.length > 1;
  const leftMs = Date.parse(newest.at) + partsMs - Date.now();
  // After a clock was set back, the parts have come long ago.
  const waitMs = leftMs > partsMs ? 0 : leftMs;
  return isCut || waitMs > 0 ? { groups: groups.slice(0, -1), waitMs } : { groups, waitMs: 0 };
};

/** An update in a form that this version does not know must not block the chat. */
const readSafely = (
  { content }: InboxUpdate,
  { connection, report }: Pick<HandOverOptions, "connection" | "report">,
): ReadUpdate => {
  try {
    return connection.read(content);
  } catch (error) {
    report(error);
    return { type: "none" };
  }
};

const readGroup = (group: Group, options: HandOverOptions): ReadUpdate => {
  const reads = group.map((update) => readSafely(update, options));
  const [first, ...others] = reads.flatMap((read) => (read.type === "message" ? read : []));
  if (first === undefined) return reads[0] ?? { type: "none" };
  const texts = [first, ...others].map(({ message }) => message.text).filter((text) => text !== "");
  return {
    ...first,
    message: { ...first.message, id: group[0].message_id, text: texts.join("\n") },
    files: [first, ...others].flatMap(({ files }) => files),
  };
};

const handOne = async (group: Group, options: HandOverOptions, closing: AbortSignal): Promise<void> => {
  const { db, now } = options;
  const [update] = group;
  const read = readGroup(group, options);
  if (read.type === "lost") await options.lost(update.chat, read.why);
  if (read.type === "moved") await options.moved(update.chat, read.to);
  if (read.type === "message" && !(await handMessage(read, options, closing))) return;
  // The host may have marked it in the transaction that gave the message to its session.
  await claimUpdate(db, update.message_id, now());
};

/** False if the host closes before the message was handed over. */
const handMessage = async (
  read: ReadMessage,
  options: HandOverOptions,
  closing: AbortSignal,
): Promise<boolean> => {
  const { connection, receive, retryMs, report } = options;
  const own = await options.ownAnswer(read);
  if (own !== null) {
    await options.tell(read.message, "begun", own);
    return true;
  }
  const answer = await options.answerOf(read);
  if (answer !== "handled") {
    const message = await withFiles(read, options, closing);
    if (message === null) return false;
    for (let tries = 1; ; tries += 1) {
      try {
        await receive(answer === null ? message : { ...message, answer });
        break;
      } catch (error) {
        report(error);
        if (tries === mostTries) {
          await options.tell(read.message, "failed", bugText);
          break;
        }
        await pause(retryMs * 2 ** (tries - 1), closing);
        if (closing.aborted) return false;
      }
    }
  }
  await connection.settle(read.message.id);
  return true;
};

const bugText = "The host failed on this message. That is a bug in gatehouse; its log has the details.";

/** The message with its files. While the platform cannot be reached it waits; null if the host closes meanwhile. */
const withFiles = async (
  { message, files }: ReadMessage,
  { connection, retryMs }: HandOverOptions,
  closing: AbortSignal,
): Promise<FromPerson | null> => {
  if (files.length === 0) return message;
  for (let tries = 1; tries <= mostFileTries; tries += 1) {
    const opened = await connection.openFiles(files);
    if (opened.ok) {
      const { attachments, notes } = opened.value;
      return { ...message, text: withNotes(message.text, notes), attachments };
    }
    await pause(opened.error.retryAfterMs ?? retryMs * 2 ** (tries - 1), closing);
    if (closing.aborted) return null;
  }
  const notes = files.map(({ name }) => `[the file ${name} was left out: it could not be fetched.]`);
  return { ...message, text: withNotes(message.text, notes) };
};

const withNotes = (text: string, notes: readonly string[]): string =>
  [text, ...notes].filter((line) => line !== "").join("\n");
