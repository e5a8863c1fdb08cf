import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { pause } from "@gatehouse/fs-kit";
import type { FromPerson } from "../channel.ts";
import { backoff, coalesced, type Coalesced } from "@gatehouse/std";
import type { ChatFiles } from "./chat-files.ts";
import { isDiskFull } from "./disk-full.ts";
import { filesOf, outLine } from "./lines.ts";
import { addLine, chatsAnswered, claimLine, isWaiting, nextWaiting, type Line } from "./transcript.ts";

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
export type HandOver = {
  /** Hands over the waiting messages of a chat, in order, one after the other. */
  readonly nudge: (platformId: string) => void;
  /** Hands over the messages whose question has an answer, before any later one of their chat. */
  readonly answered: () => Promise<void>;
  /** Starts no further handover. Resolves when the running ones are finished. */
  readonly close: () => Promise<void>;
};

/** Most tries to hand over a message on which the host fails, before the person is told. */
const mostTries = 5;

/**
 * Waiting messages are in the database, so each chat needs memory only for one batch. A chat whose session is
 * busy delays no other.
 */
export const handOver = (options: HandOverOptions): HandOver => {
  const { db, retryMs, report } = options;
  const pumps = new Map<string, Coalesced>();
  const closing = new AbortController();
  let answers = 0;

  const nudge = (platformId: string): void => {
    if (closing.signal.aborted) return;
    const pump = pumps.get(platformId) ?? coalesced(() => drain(platformId), report);
    pumps.set(platformId, pump);
    void pump.run();
  };
  const drain = async (platformId: string): Promise<void> => {
    try {
      for (;;) {
        const known = answers;
        const lines = await nextWaiting(db, platformId);
        if (lines.length === 0) return;
        for (const line of lines) {
          if (closing.signal.aborted) return;
          if (answers !== known) break;
          await handOne(line, options, closing.signal);
        }
      }
    } catch (error) {
      report(error);
      await pause(retryMs, closing.signal);
      nudge(platformId);
    }
  };
  return {
    nudge,
    answered: async () => {
      const chats = await chatsAnswered(db);
      if (chats.length > 0) answers += 1;
      for (const chat of chats) nudge(chat);
    },
    close: async () => {
      closing.abort();
      await Promise.all([...pumps.values()].map(({ idle }) => idle()));
    },
  };
};

const handOne = async (line: Line, options: HandOverOptions, closing: AbortSignal): Promise<void> => {
  const { db, now, receive, files, written, retryMs, report } = options;
  for (let tries = 1; ; tries += 1) {
    try {
      await receive(fromPerson(line, files));
      break;
    } catch (error) {
      report(error);
      if (tries === mostTries) {
        await giveUp(line, options, isDiskFull(error) ? diskFullText : bugText);
        written(line.platform_id);
        break;
      }
      await pause(backoff({ first: retryMs }, tries), closing);
      if (closing.aborted) return;
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
