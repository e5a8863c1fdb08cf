import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { pause } from "@gatehouse/fs-kit";
import type { Channel, FromPerson } from "../channel.ts";
import { backoff, coalesced, type Coalesced } from "@gatehouse/std";
import type { ChatFiles } from "./chat-files.ts";
import { isDiskFull } from "./disk-full.ts";
import { filesOf, outLine } from "./lines.ts";
import {
  addLine,
  chatsAnswered,
  claimLine,
  findLine,
  holdLine,
  isWaiting,
  nextWaiting,
  type Line,
  type NewLine,
} from "./transcript.ts";

export type HandOverOptions = {
  readonly db: Kysely<CentralTables>;
  readonly now: () => string;
  readonly receive: (message: FromPerson) => Promise<void>;
  readonly files: ChatFiles;
  /** Called when a line was written to a chat. */
  readonly written: (platformId: string) => void;
  /** Wait before the second try, ms; doubled each time. */
  readonly retryMs: number;
  readonly report: (error: unknown) => void;
};

/** Hands people's messages over to the host. */
export type HandOver = Pick<Channel, "claim" | "hold"> & {
  /**
   * Hands over a new message that is not stored: the host's mark stores it, in one commit with what the host writes about it.
   * False if it has to be stored: others of its chat wait, its id is known, the host failed on it, or takes long.
   */
  readonly handNew: (line: NewLine) => Promise<boolean>;
  /** Stores the message of a chat that `handNew` hands over, because something is written after it. */
  readonly storeUnderWay: (platformId: string) => Promise<void>;
  /** Hands over the waiting messages of a chat, in order, one after the other. */
  readonly nudge: (platformId: string) => void;
  /** Hands over the messages whose question has an answer, before any later one of their chat. */
  readonly answered: () => Promise<void>;
  /** Starts no further handover. Resolves when the running ones are finished. */
  readonly close: () => Promise<void>;
};

/** Most tries to hand over a message on which the host fails, before the person is told. */
const mostTries = 5;

/** Time after which a message that is being handed over is stored, ms: its client waits for that. */
const unstoredMs = 250;

/**
 * Waiting messages are in the database, so each chat needs memory only for one batch. A chat whose session is
 * busy delays no other.
 */
export const handOver = (options: HandOverOptions): HandOver => {
  const { db, now, receive, files, retryMs, report } = options;
  const pumps = new Map<string, Coalesced>();
  const closing = new AbortController();
  let answers = 0;
  /** By id, the messages of `handNew` that are being handed over. */
  const inHand = new Map<string, NewLine>();
  /** Those of them that the host has marked, or has wait. If its transaction is rolled back, it does so again. */
  const marked = new Set<string>();
  /** By id, the error of a message of `handNew`, which is to be stored. */
  const failed = new Map<string, unknown>();
  /** By chat, the message of `handNew` and its handover. */
  const underWay = new Map<string, { readonly line: NewLine; readonly handing: Promise<boolean> }>();

  const nudge = (platformId: string): void => {
    if (closing.signal.aborted) return;
    const pump = pumps.get(platformId) ?? coalesced(() => drain(platformId), report);
    pumps.set(platformId, pump);
    void pump.run();
  };
  const drain = async (platformId: string): Promise<void> => {
    try {
      for (;;) {
        await underWay.get(platformId)?.handing;
        const known = answers;
        const lines = await nextWaiting(db, platformId);
        if (lines.length === 0) return;
        for (const line of lines) {
          if (closing.signal.aborted) return;
          if (answers !== known) break;
          const isFailed = failed.has(line.id);
          if (isFailed) report(failed.get(line.id));
          failed.delete(line.id);
          await handOne(line, options, { tries: isFailed ? 1 : 0, closing: closing.signal });
        }
      }
    } catch (error) {
      report(error);
      await pause(retryMs, closing.signal);
      nudge(platformId);
    }
  };
  const claim: Channel["claim"] = async (transaction, id) => {
    const line = inHand.get(id);
    if (line === undefined) return claimLine(transaction, id, now());
    const routed = { ...line, routed_at: now() };
    const there = await addLine(transaction, routed);
    marked.add(id);
    return there.routed_at === routed.routed_at || claimLine(transaction, id, routed.routed_at);
  };
  const handUnstored = async (line: NewLine): Promise<boolean> => {
    const { id, platform_id: chat } = line;
    if ((await nextWaiting(db, chat)).length > 0 || (await findLine(db, id)) !== null) return false;
    inHand.set(id, line);
    try {
      await receive(fromPerson({ ...line, seq: 0, waits_for: null }, files));
      if (!marked.has(id)) await claim(db, id);
      return true;
    } catch (error) {
      // Reported once it is stored: else the client gets the error of the store.
      failed.set(id, error);
      return false;
    } finally {
      inHand.delete(id);
      marked.delete(id);
    }
  };
  return {
    nudge,
    claim,
    hold: async (transaction, { id }, awaited) => {
      const line = inHand.get(id);
      if (line !== undefined) await addLine(transaction, line);
      marked.add(id);
      return holdLine(transaction, id, awaited);
    },
    handNew: async (line) => {
      const { platform_id: chat } = line;
      if (closing.signal.aborted || underWay.has(chat)) return false;
      const handing = handUnstored(line).finally(() => underWay.delete(chat));
      underWay.set(chat, { line, handing });
      const ended = new AbortController();
      const late = pause(unstoredMs, ended.signal).then(() => false);
      return Promise.race([handing, late]).finally(() => ended.abort());
    },
    storeUnderWay: async (chat) => {
      const first = underWay.get(chat);
      if (first !== undefined) await addLine(db, first.line);
    },
    answered: async () => {
      const chats = await chatsAnswered(db);
      if (chats.length > 0) answers += 1;
      for (const chat of chats) nudge(chat);
    },
    close: async () => {
      closing.abort();
      await Promise.all([...underWay.values()].map(({ handing }) => handing));
      await Promise.all([...pumps.values()].map(({ idle }) => idle()));
    },
  };
};

const handOne = async (
  line: Line,
  options: HandOverOptions,
  { tries, closing }: { readonly tries: number; readonly closing: AbortSignal },
): Promise<void> => {
  const { db, now, receive, files, written, retryMs, report } = options;
  for (let failures = tries; ;) {
    if (failures > 0) await pause(backoff({ first: retryMs }, failures), closing);
    if (closing.aborted) return;
    try {
      await receive(fromPerson(line, files));
      break;
    } catch (error) {
      report(error);
      failures += 1;
      if (failures === mostTries) {
        await giveUp(line, options, isDiskFull(error) ? diskFullText : bugText);
        written(line.platform_id);
        break;
      }
    }
  }
  // The host may have marked the message in the transaction that gave it to its session, or asks a person about it.
  await claimLine(db, line.id, now(), line.waits_for);
  if (line.files === null || (await isWaiting(db, line.id)) === true) return;
  await files.forget(line.id).catch(report);
};

/** Another host may have handled the message, or a person is asked about it. */
const giveUp = (line: Line, { db, now }: HandOverOptions, text: string): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    if (!(await claimLine(transaction, line.id, now(), line.waits_for))) return;
    const { id: inReplyTo, platform_id: platformId } = line;
    const where = { platformId, instance: "", threadId: null, inReplyTo, from: null };
    await addLine(transaction, outLine({ id: `failed-${inReplyTo}`, text, ...where, failed: true }, now()));
  });

const fromPerson = (line: Line, files: ChatFiles): FromPerson => ({
  id: line.id,
  channelType: "local",
  platformId: line.platform_id,
  instance: "",
  threadId: null,
  userId: line.user_id ?? "",
  userName: line.from_name,
  text: line.text,
  isMention: true,
  isDirect: true,
  at: line.at,
  ...(line.files === null ? {} : { attachments: files.attachmentsOf(line.id, filesOf(line)) }),
  ...(line.waits_for === null ? {} : { waitsFor: line.waits_for }),
  ...(line.card === null ? {} : { answer: JSON.parse(line.card) as NonNullable<FromPerson["answer"]> }),
});

const bugText = "The host failed on this message. That is a bug in gatehouse; its log has the details.";
const diskFullText = "The host's disk is full, so this message was not passed on. Send it again later.";
