import type { Kysely } from "kysely";
import type { CardAnswer } from "@gatehouse/approvals";
import type { CentralTables } from "@gatehouse/central-database";
import { fail, ok, oneLine, type Card, type Result } from "@gatehouse/std";
import type { ToChat } from "../channel.ts";
import type { ChatFiles, FileEntry } from "./chat-files.ts";
import type { ChatRefusal } from "./find-speaker.ts";
import type { PastMessage, Said, ShownMessage } from "./frames.ts";
import type { Guest } from "./greet.ts";
import { addLine, openCards, outAfter, pastFrom } from "./transcript.ts";
import type { ChatPart, TranscriptLine, NewLine } from "./transcript.ts";

type Database = Kysely<CentralTables>;

/** A message to a chat, as a row of the transcript. */
export const outLine = (message: ToChat, at: string, files: readonly FileEntry[] = []): NewLine => ({
  id: message.id,
  platform_id: message.platformId,
  direction: "out",
  user_id: null,
  from_name: message.from,
  // A text of the host itself is one line, whatever it quotes. A card is drawn from its own fields.
  text: message.from === null && message.card === undefined ? oneLine(message.text) : message.text,
  in_reply_to: message.inReplyTo,
  card: message.card === undefined ? null : JSON.stringify(message.card),
  files: files.length === 0 ? null : JSON.stringify(files),
  failed: message.failed === true ? 1 : 0,
  routed_at: null,
  at,
});

/** A person's message, as a row of the transcript. */
export const inLine = ({ user, chat }: Guest, said: Said, at: string): NewLine => ({
  id: said.id,
  platform_id: chat,
  direction: "in",
  user_id: user.id,
  from_name: user.name,
  text: said.type === "message" ? said.text : [said.option, said.words ?? []].flat().join(": "),
  in_reply_to: null,
  card: said.type === "message" ? null : JSON.stringify(answerIn(said)),
  files: said.type === "message" && said.files !== undefined ? JSON.stringify(said.files) : null,
  failed: 0,
  routed_at: null,
  at,
});

const answerIn = ({
  cardId,
  option,
  words,
  seen,
}: Extract<Said, { readonly type: "answer" }>): CardAnswer => ({
  cardId,
  option,
  seen,
  ...(words === undefined ? {} : { words }),
});

/** Stores a person's message. A repeated one is not stored twice; the id of another message is refused. */
export const keep = async (
  db: Database,
  at: string,
  guest: Guest,
  said: Said,
): Promise<Result<null, ChatRefusal>> => {
  const line = inLine(guest, said, at);
  const there = await addLine(db, line);
  const same = (["platform_id", "direction", "user_id", "text", "card", "files"] as const).every(
    (column) => there[column] === line[column],
  );
  if (same) return ok(null);
  return fail({ code: "id-taken", message: "Another message has this id: send it with an id of its own." });
};

/**
 * True if the existing row is the message that was to be written. The text of a repeated message may differ,
 * because it lists the files that were left out.
 */
export const isSameOut = (there: TranscriptLine, line: NewLine): boolean =>
  (["platform_id", "direction", "from_name", "in_reply_to"] as const).every(
    (column) => there[column] === line[column],
  );

/** The files that a row names. */
export const filesOf = ({ files }: Pick<TranscriptLine, "files">): readonly FileEntry[] =>
  files === null ? [] : (JSON.parse(files) as readonly FileEntry[]);

const shown = async (line: TranscriptLine, files: ChatFiles): Promise<ShownMessage> => ({
  type: "message",
  id: line.id,
  chat: line.platform_id,
  seq: line.seq,
  from: line.from_name,
  text: line.text,
  inReplyTo: line.in_reply_to,
  ...(line.card === null ? {} : { card: JSON.parse(line.card) as Card }),
  ...(line.files === null ? {} : { files: await copied(line.id, filesOf(line), files) }),
  ...(line.failed === 1 ? { failed: true } : {}),
});

const pastOf = (line: TranscriptLine, open: ReadonlySet<string>): PastMessage => ({
  type: "past",
  id: line.id,
  at: line.at,
  direction: line.direction === "in" ? "in" : "out",
  from: line.direction === "in" ? line.user_id : line.from_name,
  text: line.text,
  inReplyTo: line.in_reply_to,
  ...(line.card === null ? {} : pastCard(line, line.card, open)),
  ...(line.files === null ? {} : { files: filesOf(line) }),
  ...(line.failed === 1 ? { failed: true } : {}),
});

const pastCard = (
  { id, direction }: TranscriptLine,
  json: string,
  open: ReadonlySet<string>,
): Pick<PastMessage, "card" | "answers"> => {
  const card = JSON.parse(json) as Card & { readonly cardId: string };
  if (direction === "in") return { answers: card.cardId };
  return { card: { id: card.id, title: card.title, isOpen: open.has(id) } };
};

const copied = async (id: string, named: readonly FileEntry[], { pathsOf }: ChatFiles) => {
  const paths = await pathsOf(id, named);
  return named.map((file, index) => ({ ...file, path: paths[index] ?? "" }));
};

/** What messages are shown from. */
export type ShownFrom = {
  readonly db: Database;
  readonly files: ChatFiles;
  /** ISO 8601, UTC. */
  readonly now: () => string;
};

/** The next past messages of a chat from a place on, in order; empty at the end. */
export const pastMessages = async (
  { db, now }: ShownFrom,
  { user }: Guest,
  part: ChatPart,
  first: number,
): Promise<{ readonly messages: readonly PastMessage[]; readonly next: number }> => {
  const lines = await pastFrom(db, part, first);
  const hasCard = lines.some(({ direction, card }) => direction === "out" && card !== null);
  const open = hasCard ? await openCards(db, part.chat, user.id, now()) : [];
  const ids = new Set(open.map(({ id }) => id));
  return { messages: lines.map((line) => pastOf(line, ids)), next: (lines.at(-1)?.seq ?? 0) + 1 };
};

/** The cards of a client's chats whose question is still open. */
export const shownCards = async (
  { db, files, now }: ShownFrom,
  { user, chats }: Guest,
): Promise<readonly ShownMessage[]> => {
  const lines: TranscriptLine[] = [];
  for (const chat of chats) lines.push(...(await openCards(db, chat, user.id, now())));
  return Promise.all(lines.map((line) => shown(line, files)));
};

/** The next messages to a chat, in order; empty at its end. */
export const messagesAfter = async (
  { db, files }: ShownFrom,
  chat: string,
  seq: number,
): Promise<readonly ShownMessage[]> =>
  Promise.all((await outAfter(db, chat, seq)).map((line) => shown(line, files)));
