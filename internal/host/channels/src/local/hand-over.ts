import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { pause } from "@gatehouse/fs-kit";
import type { Channel, FromPerson } from "../channel.ts";
import { givenUpText, handingOver, type HandingOver } from "../hand-over.ts";
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
  type TranscriptLine,
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

/** The host failed on a message that has to be stored. To be reported once it is: else its client gets the error of the store. */
export type HostFailure = { readonly error: unknown };

/** Hands people's messages over to the host. */
export type HandOver = Pick<Channel, "claim" | "hold"> &
  Pick<HandingOver<TranscriptLine>, "nudge"> & {
    /**
     * Hands over a new message that is not stored: the host's mark stores it, in one commit with what the host writes about it.
     * False if it has to be stored: others of its chat wait, its id is known, the host failed on it, or takes long. This
     * try counts as none of those of a stored message.
     */
    readonly handNew: (line: NewLine) => Promise<boolean | HostFailure>;
    /** Stores the message of a chat that `handNew` hands over, because something is written after it. */
    readonly storeUnderWay: (platformId: string) => Promise<void>;
    /** Hands over the messages whose question has an answer, before any later one of their chat. */
    readonly answered: () => Promise<void>;
    /** Starts no further handover. Resolves when the running ones are finished. */
    readonly close: () => Promise<void>;
  };

/** Time after which a message that is being handed over is stored, ms: its client waits for that. */
const unstoredMs = 250;

export const handOver = (options: HandOverOptions): HandOver => {
  const { db, now, receive, files, written, retryMs, report } = options;
  let isClosed = false;
  /** By id, the messages of `handNew` that are being handed over. */
  const inHand = new Map<string, NewLine>();
  /** Those of them that the host has marked, or has wait. If its transaction is rolled back, it does so again. */
  const marked = new Set<string>();
  /** By chat, the message of `handNew` and its handover. */
  const underWay = new Map<
    string,
    { readonly line: NewLine; readonly handing: Promise<boolean | HostFailure> }
  >();

  const waiting = handingOver<TranscriptLine>({
    next: async (chat) => {
      await underWay.get(chat)?.handing;
      return { messages: await nextWaiting(db, chat), waitMs: 0 };
    },
    give: async (line) => {
      await receive(fromPerson(line, files));
      return true;
    },
    giveUp: async (line, error) => {
      await giveUp(line, options, isDiskFull(error) ? diskFullText : givenUpText);
      written(line.platform_id);
    },
    end: async ({ id, waits_for: waitsFor, files: named }) => {
      await claimLine(db, id, now(), waitsFor);
      if (named === null || (await isWaiting(db, id)) === true) return;
      await files.forget(id).catch(report);
    },
    retryMs,
    report,
  });
  const claim: Channel["claim"] = async (transaction, id) => {
    const line = inHand.get(id);
    if (line === undefined) return claimLine(transaction, id, now());
    const routed = { ...line, routed_at: now() };
    const there = await addLine(transaction, routed);
    marked.add(id);
    return there.routed_at === routed.routed_at || claimLine(transaction, id, routed.routed_at);
  };
  const handUnstored = async (line: NewLine): Promise<boolean | HostFailure> => {
    const { id, platform_id: chat } = line;
    if ((await nextWaiting(db, chat)).length > 0 || (await findLine(db, id)) !== null) return false;
    inHand.set(id, line);
    try {
      await receive(fromPerson({ ...line, seq: 0, waits_for: null }, files));
      if (!marked.has(id)) await claim(db, id);
      return true;
    } catch (error) {
      return { error };
    } finally {
      inHand.delete(id);
      marked.delete(id);
    }
  };
  return {
    nudge: waiting.nudge,
    claim,
    hold: async (transaction, { id }, awaited) => {
      const line = inHand.get(id);
      if (line !== undefined) await addLine(transaction, line);
      marked.add(id);
      return holdLine(transaction, id, awaited);
    },
    handNew: async (line) => {
      const { platform_id: chat } = line;
      if (isClosed || underWay.has(chat)) return false;
      const handing = handUnstored(line).finally(() => underWay.delete(chat));
      underWay.set(chat, { line, handing });
      const ended = new AbortController();
      const late = pause(unstoredMs, ended.signal).then(() => "late" as const);
      const handed = await Promise.race([handing, late]).finally(() => ended.abort());
      if (handed === "late") void handing.then((later) => typeof later === "object" && report(later.error));
      return handed !== "late" && handed;
    },
    storeUnderWay: async (chat) => {
      const first = underWay.get(chat);
      if (first !== undefined) await addLine(db, first.line);
    },
    answered: async () => {
      for (const chat of await chatsAnswered(db)) waiting.answered(chat);
    },
    close: async () => {
      isClosed = true;
      await Promise.all([...underWay.values()].map(({ handing }) => handing));
      await waiting.close();
    },
  };
};

/** Another host may have handled the message, or a person is asked about it. */
const giveUp = (line: TranscriptLine, { db, now }: HandOverOptions, text: string): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    if (!(await claimLine(transaction, line.id, now(), line.waits_for))) return;
    const { id: inReplyTo, platform_id: platformId } = line;
    const where = { platformId, instance: "", threadId: null, inReplyTo, from: null };
    await addLine(transaction, outLine({ id: `failed-${inReplyTo}`, text, ...where, failed: true }, now()));
  });

const fromPerson = (line: TranscriptLine, files: ChatFiles): FromPerson => ({
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

const diskFullText = "The host's disk is full, so this message was not passed on. Send it again later.";
