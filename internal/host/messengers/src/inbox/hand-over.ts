import {
  givenUpText,
  handingOver,
  type Attachment,
  type FromPerson,
  type HandingOver,
} from "@gatehouse/channels";
import { backoff, ok, turns, type Turns } from "@gatehouse/std";
import { pause } from "@gatehouse/fs-kit";
import { isTrouble } from "@gatehouse/sqlite";
import { isAnswerToCard } from "@gatehouse/channels/client";
import { tellLost } from "../lost-chats.ts";
import type { KeptUpdate, ReadUpdate } from "../messenger.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { UsedBot } from "../used-bot.ts";
import { answerFrom } from "./answer-from.ts";
import { beginChat } from "./begin-chat.ts";
import { groupsIn, messageOf, placeOf, type Group, type PlacedMessage } from "./groups.ts";
import { batch, chatOf, claimUpdates, nextUpdates, type InboxUpdate } from "./updates.ts";
import { leftOut } from "../remote-files.ts";

/** A message, as far as it is answered. */
type Answerable = Pick<FromPerson, "id" | "platformId" | "instance" | "threadId">;

export type HandOverOptions = UsedBot & {
  readonly out: Pick<Outbox, "send">;
  readonly receive: (message: FromPerson) => Promise<void>;
};

type Move = NonNullable<KeptUpdate["move"]>;

/** Hands people's messages over to the host. */
export type HandOver = Pick<HandingOver<Group>, "nudge" | "answered" | "close"> & {
  /** The ids of all parts of a message that is being handed over. */
  readonly idsOf: (messageId: string) => readonly string[] | undefined;
  /**
   * Moves chats while no message of theirs is given to the host. The new chat's messages wait for those of the old one that
   * are being handed over.
   */
  readonly move: <T>(moves: readonly Move[], work: () => Promise<T>) => Promise<T>;
};

/** Most tries to find the files of a message at the platform, or to fetch them. After them it is handed over without the files. */
const mostFileTries = 8;

/** The same if the platform refuses them. */
const mostRefusals = 3;

export const handOver = (options: HandOverOptions): HandOver => {
  const { key, retryMs } = options;
  const { messages: db, now, report } = options.host;
  const { sentAtOnce } = options.messenger;
  const given = turns();
  /** By the new id of a chat, its former one. */
  const formerly = new Map<string, string>();
  const waiting = handingOver<Group>({
    next: async (chat) => {
      const former = formerly.get(chat);
      if (former !== undefined) await waiting.idle(former);
      const updates = await nextUpdates(db, { ...key, chat });
      const parts = updates.map((update) => ({ update, read: readSafely(update, options) }));
      const { groups, waitMs } = groupsIn(parts, updates.length >= batch, sentAtOnce);
      return { messages: groups, waitMs };
    },
    give: (group, closing) => giveOne(group, { ...options, given }, closing),
    giveUp: async (group, error) => {
      if (isTrouble(error)) throw error;
      const read = messageOf(group, sentAtOnce);
      if (read.type === "message") await tell(options, read.message, "failed", givenUpText).catch(report);
    },
    end: async (group) => {
      await claimUpdates(db, idsIn(group), now(), waitsForOf(group));
    },
    retryMs,
    report,
  });
  return {
    nudge: waiting.nudge,
    answered: waiting.answered,
    idsOf: (id) => {
      const group = [...waiting.inHand()].find(([{ update }]) => update.message_id === id);
      return group === undefined ? undefined : idsIn(group);
    },
    move: (moves, work) => {
      for (const { from, to } of moves) formerly.set(to, from);
      const chats = [...new Set(moves.map(({ from }) => from))].toSorted();
      const inAll = ([first, ...others]: readonly string[]): ReturnType<typeof work> =>
        first === undefined ? work() : given.inTurn(first, () => inAll(others));
      return inAll(chats);
    },
    close: waiting.close,
  };
};

/** An update in a form that this version does not know must not block the chat. */
const readSafely = (
  { content }: InboxUpdate,
  { connection, host }: Pick<HandOverOptions, "connection" | "host">,
): ReadUpdate => {
  try {
    return connection.read(content);
  } catch (error) {
    host.report(error);
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

const giveOne = async (group: Group, options: HandContext, closing: AbortSignal): Promise<boolean> => {
  const [{ update }] = group;
  const read = messageOf(group, options.messenger.sentAtOnce);
  if (read.type === "without-person") await tellWhy(read, update, options);
  if (read.type === "lost") await tellLost(options.host, { ...options.key, chat: update.chat }, read.why);
  return (
    read.type !== "message" || handMessage(read, { update, waitsFor: waitsForOf(group) }, options, closing)
  );
};

/** A message of nobody that the host could know: an admin who hides, or a chat that writes. */
const tellWhy = async (
  { threadId, why, answer }: Extract<ReadUpdate, { readonly type: "without-person" }>,
  update: InboxUpdate,
  options: HandContext,
): Promise<void> => {
  options.host.log("message-dropped", { id: update.message_id, channel: update.type, reason: why });
  if (answer !== null) await tell(options, { ...placeOf(update), threadId }, "begun", answer);
};

/** False if the host closes before the message was handed over. */
const handMessage = async (
  read: PlacedMessage,
  { update, waitsFor }: { readonly update: InboxUpdate; readonly waitsFor: string | null },
  options: HandContext,
  closing: AbortSignal,
): Promise<boolean> => {
  const { connection, host, given, receive } = options;
  // What has waited for a person was not for the room.
  const own = waitsFor === null ? await ownAnswer(options, read) : null;
  if (own !== null) {
    await tell(options, read.message, "begun", own);
    return true;
  }
  const answer = await answerFrom(options, read);
  if (answer !== "handled") {
    const give = async (message: FromPerson): Promise<void> =>
      given.inTurn(update.chat, async () => {
        const platformId = await chatOf(host.messages, update);
        const waited = waitsFor === null ? {} : { waitsFor };
        await receive({ ...message, platformId, ...waited, ...(answer === null ? {} : { answer }) });
      });
    if (!(await giveWithFiles(read, give, options, closing))) return false;
  }
  await connection.settle?.(read.message.id);
  return true;
};

/** Sends the host's words to a person: `how` makes the id. */
const tell = async (
  { out }: Pick<HandOverOptions, "out">,
  { id, platformId, instance, threadId }: Answerable,
  how: "failed" | "begun",
  text: string,
): Promise<void> => {
  const to = { platformId, instance, threadId, inReplyTo: id, from: null };
  await out.send({ ...to, id: `${how}-${id}`, text, ...(how === "failed" ? { failed: true } : {}) });
};

/** The room's own answer to a message, such as to the press of Start; null for a message to the host. */
const ownAnswer = async ({ host, bot }: HandOverOptions, read: PlacedMessage): Promise<string | null> =>
  read.about === null && isAnswerToCard(read.message.text) ? notForAgent : beginChat({ ...host, bot }, read);

const notForAgent =
  "This was not sent to the agent: it begins as an answer to a card does. Press a button of the card, or reply to it. A message to the agent begins with another word.";

/**
 * Gives the message with its files. While the platform cannot be reached it waits; a file that cannot be fetched is left out in the
 * end. False if the host closes before.
 */
const giveWithFiles = async (
  read: PlacedMessage,
  give: (message: FromPerson) => Promise<void>,
  options: HandOverOptions,
  closing: AbortSignal,
): Promise<boolean> => {
  const { message } = read;
  const { connection, retryMs } = options;
  let { files } = read;
  let left: readonly string[] = [];
  const leave = (gone: ReadonlyMap<string, string>, reason?: string): void => {
    const notes = [...gone].map(([name, why]) => leftOut(name, why));
    files = files.filter(({ name }) => !gone.has(name));
    left = [...left, ...notes];
    tellLeftOut(options, read, reason === undefined ? notes : [reason]);
  };
  /** Failures to find the files, and to read one that was found. */
  let [notFound, notRead] = [0, 0];
  for (;;) {
    const opened =
      files.length === 0
        ? ok({ attachments: [], notes: [] })
        : await connection.openFiles(files, notFound + 1 >= mostRefusals);
    if (!opened.ok) {
      notFound += 1;
      await pause(opened.error.retryAfterMs ?? backoff({ first: retryMs }, notFound), closing);
      if (closing.aborted) return false;
      if (notFound === mostFileTries)
        leave(new Map(files.map(({ name }) => [name, "it could not be fetched."])), opened.error.message);
      continue;
    }
    const { notes } = opened.value;
    if (notFound > 0 && notes.length > 0) tellLeftOut(options, read, notes);
    notFound = 0;
    const broken = new Map<string, string>();
    const attachments = opened.value.attachments.map((one) => ({
      ...one,
      content: () => noting(one, (why) => broken.set(one.name, why)),
    }));
    try {
      const text = [message.text, ...notes, ...left].filter((line) => line !== "").join("\n");
      await give({ ...message, text, ...(files.length === 0 ? {} : { attachments }) });
      return true;
    } catch (error) {
      if (broken.size === 0) throw error;
      notRead += 1;
      if (notRead < mostRefusals) await pause(backoff({ first: retryMs }, notRead), closing);
      else leave(broken);
      if (closing.aborted) return false;
    }
  }
};

/** The content of a file. Tells why it cannot be read, before it throws that. */
const noting = async function* (
  { content }: Attachment,
  note: (why: string) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* content();
  } catch (error) {
    note(error instanceof Error ? error.message : String(error));
    throw error;
  }
};

const tellLeftOut = (
  { key, host }: Pick<HandOverOptions, "key" | "host">,
  { message }: PlacedMessage,
  notes: readonly string[],
): void =>
  host.log("messenger-left-out", {
    channel: key.type,
    bot: key.bot,
    reason: `${message.id}: ${notes.join(" ")}`,
  });
