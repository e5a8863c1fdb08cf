import type { Kysely } from "kysely";
import { openDirectChat } from "@gatehouse/group-setup";
import { fencedWrite } from "@gatehouse/session-rows";
import type { CentralTables } from "@gatehouse/central-database";
import { fail, ok } from "@gatehouse/std";
import type { Channel, DirectChat, ToChat } from "../channel.ts";
import type { ChatHost } from "./chat-host.ts";
import { chatFiles, type ChatFiles } from "./chat-files.ts";
import { chatServer } from "./chat-server.ts";
import { directName, greet, knownDirectChat, type GreetOptions } from "./greet.ts";
import { handOver, type HandOver } from "./hand-over.ts";
import { inLine, isSameOut, keep, outLine } from "./lines.ts";
import { endUnanswered } from "./end-unanswered.ts";
import { addLine, chatsWaiting, findLine, isWaiting } from "./transcript.ts";

export type LocalChannelOptions = GreetOptions & {
  /** The socket for clients: `chat.sock` in the data folder. */
  readonly socketPath: string;
  /**
   * The folder for uploads that are not complete yet, and for copies of files that clients of this host
   * fetch.
   */
  readonly filesDir: string;
  /**
   * The database for the rows of messages; by default `db`. On PostgreSQL, connections that wait for no
   * command. Chats are created in `db`, whose transactions run one after the other, so two simultaneous
   * connections of a person create one chat.
   */
  readonly messages?: Database;
  readonly report: (error: unknown) => void;
  /** Called when a client has connected: a person may be reachable now. */
  readonly connected?: () => void;
  /**
   * Other hosts have this channel too. This host hands over messages that another one stored and does not
   * hand over.
   */
  readonly isShared?: boolean;
  /** Wait before a message on which the host failed is handed over again, ms; doubled each time. */
  readonly retryMs?: number;
};

type Database = Kysely<CentralTables>;

/**
 * Chats on this machine. The account that can open the socket (0600) is the operator and may speak as any
 * user of this host. All messages are rows of `local_messages`, so none is lost if the host or a client
 * stops.
 */
export const localChannel = (options: LocalChannelOptions): Channel => {
  const { messages: db = options.db, now, report, socketPath, retryMs = 1000, isShared = false } = options;
  const ofMessages = { ...options, db };
  const files = chatFiles({ db, folder: options.filesDir, now });
  let receive: Parameters<Channel["start"]>[0] = () =>
    Promise.reject(new Error("The channel has not begun."));
  let isClosed = false;
  const timers: NodeJS.Timeout[] = [];
  const every = (ms: number, work: () => Promise<void>): void =>
    void timers.push(setInterval(() => void work().catch(report), ms));
  const handing = handOver({
    ...ofMessages,
    receive: (message) => receive(message),
    files,
    written: (chat) => written(chat),
    retryMs,
  });
  const host = chatHost(options, ofMessages, files, handing);
  const server = chatServer({ socketPath, host, isShared, report });
  const { written } = server;
  return {
    type: "local",
    isOfThisMachine: true,
    start: async (given) => {
      receive = given;
      await files.clearUploads();
      const sweep = (): Promise<void> => files.sweep((id) => isWaiting(db, id));
      await sweep();
      every(sweepMs, sweep);
      for (const chat of await chatsWaiting(db)) handing.nudge(chat);
      // Of a host that is gone or stopped.
      const nudgeLeft = async (): Promise<void> => {
        const before = new Date(Date.now() - leftMs).toISOString();
        for (const chat of await chatsWaiting(db, before)) handing.nudge(chat);
      };
      if (isShared) every(pollMs, nudgeLeft);
      await server.listen();
    },
    send: async (message) => {
      if (isClosed) return fail({ code: "closed", message: "The channel is closed." });
      await handing.storeUnderWay(message.platformId);
      const sent = await writeOut(ofMessages, files, message);
      if (sent.ok) written(message.platformId);
      return sent;
    },
    ended: async (message) => {
      await handing.storeUnderWay(message.platformId);
      const told = await fencedWrite(db, message.lease, (within) => endUnanswered(within, message, now()));
      if (told.ok && told.value) written(message.platformId);
    },
    writing: ({ platformId: chat, from, inReplyTo, text, waits }) =>
      server.writing({ chat, from, inReplyTo, text, ...(waits === true ? { waits } : {}) }),
    claim: handing.claim,
    hold: handing.hold,
    questionsAnswered: handing.answered,
    directChat: async (userId, stored) => (stored === null ? directChat(options, userId) : null),
    close: async () => {
      isClosed = true;
      for (const timer of timers) clearInterval(timer);
      await server.close();
      await handing.close();
    },
  };
};

/**
 * Handles the calls of connections. Chats are created in the database of `options`, messages are stored in
 * that of `ofMessages`.
 */
const chatHost = (
  options: LocalChannelOptions,
  { db, now, report }: LocalChannelOptions,
  files: ChatFiles,
  handing: HandOver,
): ChatHost => ({
  db,
  files,
  now,
  greet: async (hello) => {
    const greeted = await greet(options, hello);
    if (greeted.ok) options.connected?.();
    return greeted;
  },
  say: async (guest, said) => {
    const hasFiles = said.type === "message" && said.files !== undefined;
    const isText = said.type === "message" && !hasFiles;
    const handed = isText ? await handing.handNew(inLine(guest, said, now())) : false;
    if (handed === true) return ok(null);
    await handing.storeUnderWay(guest.chat);
    // The row and its files together, or neither.
    const kept = await db.transaction().execute(async (transaction) => {
      const there = await keep(transaction, now(), guest, said);
      if (there.ok && hasFiles) await files.pin(transaction, said.id);
      return there;
    });
    if (kept.ok) handing.nudge(guest.chat);
    if (kept.ok && typeof handed === "object") report(handed.error);
    // If the message was refused, or was routed before, no other code removes its files.
    if (hasFiles && (await isWaiting(db, said.id)) !== true) await files.forget(said.id);
    return kept;
  },
  report,
});

/**
 * Stores a message to a chat, with its files. A repeated one is not stored twice; the id of another message
 * is refused.
 */
const writeOut = async (
  options: LocalChannelOptions,
  files: ChatFiles,
  message: ToChat,
): ReturnType<Channel["send"]> => {
  const { db, now } = options;
  if (!(await isChat(db, message.platformId)))
    return fail({ code: "no-such-chat", message: `There is no local chat ${message.platformId}.` });
  const { attachments = [] } = message;
  // Without this check its files would be stored among those of the other message.
  const before = attachments.length === 0 ? null : await findLine(db, message.id);
  if (before !== null && !isSameOut(before, outLine(message, now()))) return idTaken;
  const kept = await files.keep(message.id, attachments, message.senderGroupId);
  if (!kept.ok) return fail({ code: "refused", message: kept.error });
  const line = outLine(message, now(), kept.value);
  const there = await fencedWrite(db, message.lease, async (within) => {
    const written = await addLine(within, line);
    if (isSameOut(written, line)) await message.noteSent?.(within, message.id);
    return written;
  });
  if (!there.ok) return there;
  return isSameOut(there.value, line) ? ok({ platformMessageId: message.id }) : idTaken;
};

const idTaken = fail({ code: "refused", message: "Another message has its id." } as const);

/**
 * Interval of the sweeps of the files, ms. It is short, because the copies for clients would otherwise outlive the rows that
 * count for their group.
 */
const sweepMs = 600_000;

/** Age at which another host hands over a message, and interval of the checks for such messages, ms. */
const [leftMs, pollMs] = [10_000, 1_000];

const isChat = async (db: Database, platformId: string): Promise<boolean> => {
  const chat = await db
    .selectFrom("messaging_groups")
    .select("id")
    .where("channel_type", "=", "local")
    .where("platform_id", "=", platformId)
    .executeTakeFirst();
  return chat !== undefined;
};

/** A `local` user of this host always has a direct chat; other users only if they have opened a chat here. */
const directChat = async ({ db, ...clock }: GreetOptions, userId: string): Promise<DirectChat | null> => {
  const known = await knownDirectChat(db, userId);
  if (known !== null) return { platformId: known, instance: "" };
  const platformId = directName(userId);
  const user = await db.selectFrom("users").select("id").where("id", "=", userId).executeTakeFirst();
  if (user === undefined || platformId === null || !userId.startsWith("local:")) return null;
  const chat = { platformId, instance: "" };
  await openDirectChat(db, clock, { userId, kind: "local", ...chat });
  return chat;
};
