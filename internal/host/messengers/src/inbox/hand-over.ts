import type { Kysely } from "kysely";
import type { CardAnswer } from "@gatehouse/approvals";
import type { CentralTables } from "@gatehouse/central-database";
import type { FromPerson } from "@gatehouse/channels";
import { backoff, coalesced, type Coalesced } from "@gatehouse/std";
import { pause } from "@gatehouse/fs-kit";
import { isTrouble } from "@gatehouse/sqlite";
import { turns, type Turns } from "../in-turn.ts";
import type { Connection, KeptUpdate, ReadUpdate } from "../messenger.ts";
import { groupsIn, messageOf, type Group } from "./groups.ts";
import { batch, chatOf, claimUpdates, nextUpdates, type InboxUpdate } from "./updates.ts";
import type { BotKey } from "./poll-lease.ts";

type ReadMessage = Extract<ReadUpdate, { readonly type: "message" }>;

/** A message, as far as it is answered. */
type Place = Pick<FromPerson, "id" | "platformId" | "instance" | "threadId">;

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
  readonly tell: (message: Place, how: "failed" | "begun", text: string) => Promise<void>;
  readonly lost: (chat: string, why: string) => Promise<void>;

  /** Wait before the second try, ms; doubled each time. */
  readonly retryMs: number;
  readonly log: (event: string, fields: Readonly<Record<string, string>>) => void;
  readonly report: (error: unknown) => void;
};

type Move = NonNullable<KeptUpdate["move"]>;

/** Hands people's messages over to the host. */
export type HandOver = {
  /** Hands over the waiting updates of a chat, in order, one after the other. */
  readonly nudge: (chat: string) => void;
  /** Hands over the messages of a chat whose question has an answer, before any later one. */
  readonly answered: (chat: string) => void;
  /** The ids of all parts of a message that is being handed over. */
  readonly idsOf: (messageId: string) => readonly string[] | undefined;
  /**
   * Moves chats while no message of theirs is given to the host. The new chat's messages wait for those of the old one that
   * are being handed over.
   */
  readonly move: <T>(moves: readonly Move[], work: () => Promise<T>) => Promise<T>;
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
  const pumps = new Map<string, Coalesced>();
  const given = turns();
  /** The messages that are being handed over, with the ids of all their parts. */
  const inHand = new Map<string, readonly string[]>();
  /** By the new id of a chat, its former one. */
  const formerly = new Map<string, string>();
  const closing = new AbortController();
  const { signal } = closing;
  let answers = 0;
  const nudge = (chat: string): void => {
    if (signal.aborted) return;
    const pump = pumps.get(chat) ?? coalesced(() => drain(chat), report);
    pumps.set(chat, pump);
    void pump.run();
  };
  const drain = async (chat: string): Promise<void> => {
    try {
      for (;;) {
        await pumps.get(formerly.get(chat) ?? "")?.idle();
        const known = answers;
        const updates = await nextUpdates(db, { ...key, chat });
        if (updates.length === 0) return;
        const parts = updates.map((update) => ({ update, read: readSafely(update, options) }));
        const { groups, waitMs } = groupsIn(parts, updates.length >= batch);
        for (const group of groups) {
          if (signal.aborted) return;
          if (answers !== known) break;
          const [id, ids] = [group[0].update.message_id, idsIn(group)];
          inHand.set(id, ids);
          await handOne(group, { ...options, given }, signal).finally(() => inHand.delete(id));
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
    answered: (chat) => {
      answers += 1;
      nudge(chat);
    },
    idsOf: (id) => inHand.get(id),
    move: (moves, work) => {
      for (const { from, to } of moves) formerly.set(to, from);
      const chats = [...new Set(moves.map(({ from }) => from))].toSorted();
      const inAll = ([first, ...others]: readonly string[]): ReturnType<typeof work> =>
        first === undefined ? work() : given.inTurn(first, () => inAll(others));
      return inAll(chats);
    },
    close: async () => {
      closing.abort();
      await Promise.all([...pumps.values()].map(({ idle }) => idle()));
    },
  };
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

/** The approval for whose answer the message has waited. A part that came later waits for none. */
const waitsForOf = (group: Group): string | null =>
  group.map(({ update }) => update.waits_for).find((id) => id !== null) ?? null;

const idsIn = (group: Group): readonly string[] => [...new Set(group.map(({ update }) => update.message_id))];

type HandContext = HandOverOptions & {
  /** By chat, the messages that are given to the host now. */
  readonly given: Turns;
};

/** A message on which the host fails is given up after some tries: repeated for ever, it would keep back all later ones. */
const handOne = async (group: Group, options: HandContext, closing: AbortSignal): Promise<void> => {
  const { db, now, retryMs, report } = options;
  const [{ update }] = group;
  const read = messageOf(group);
  const waitsFor = waitsForOf(group);
  for (let tries = 1; ; tries += 1)
    try {
      if (read.type === "without-person") await tellWhy(read, update, options);
      if (read.type === "lost") await options.lost(update.chat, read.why);
      if (read.type === "message" && !(await handMessage(read, { update, waitsFor }, options, closing)))
        return;
      break;
    } catch (error) {
      if (tries === mostTries && isTrouble(error)) throw error;
      report(error);
      if (tries === mostTries) {
        if (read.type === "message") await options.tell(read.message, "failed", bugText).catch(report);
        break;
      }
      await pause(backoff({ first: retryMs }, tries), closing);
      if (closing.aborted) return;
    }
  // The host may have marked them in the transaction that gave the message to its session, or asks a person about it.
  await claimUpdates(db, idsIn(group), now(), waitsFor);
};

/** A message of nobody that the host could know: an admin who hides, or a chat that writes. */
const tellWhy = async (
  { message, why, answer }: Extract<ReadUpdate, { readonly type: "without-person" }>,
  { chat }: InboxUpdate,
  { key, log, tell }: HandContext,
): Promise<void> => {
  log("message-dropped", { id: message.id, channel: key.type, reason: why });
  if (answer !== null) await tell({ ...message, platformId: chat }, "begun", answer);
};

/** False if the host closes before the message was handed over. */
const handMessage = async (
  read: ReadMessage,
  { update, waitsFor }: { readonly update: InboxUpdate; readonly waitsFor: string | null },
  options: HandContext,
  closing: AbortSignal,
): Promise<boolean> => {
  const { connection, db, given, receive } = options;
  // What has waited for a person was not for the room.
  const own = waitsFor === null ? await options.ownAnswer(read) : null;
  if (own !== null) {
    await options.tell(read.message, "begun", own);
    return true;
  }
  const answer = await options.answerOf(read);
  if (answer !== "handled") {
    const message = await withFiles(read, options, closing);
    if (message === null) return false;
    await given.inTurn(update.chat, async () => {
      const platformId = await chatOf(db, update);
      const waited = waitsFor === null ? {} : { waitsFor };
      await receive({ ...message, platformId, ...waited, ...(answer === null ? {} : { answer }) });
    });
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
    await pause(opened.error.retryAfterMs ?? backoff({ first: retryMs }, tries), closing);
    if (closing.aborted) return null;
  }
  const notes = files.map(({ name }) => `[the file ${name} was left out: it could not be fetched.]`);
  return { ...message, text: withNotes(message.text, notes) };
};

const withNotes = (text: string, notes: readonly string[]): string =>
  [text, ...notes].filter((line) => line !== "").join("\n");
