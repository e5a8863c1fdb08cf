import { buttonsOf, hintsOf, partOf } from "../card-options.ts";
import type { ToChat } from "@gatehouse/channels";
import { oneLine, type Card } from "@gatehouse/std";
import type { Connection, Part } from "../messenger.ts";
import { escaped, joined, piecesOf, plainPieces, quotedPieces, type Piece } from "./to-html.ts";

/** A part of a message, as one call sends it. */
export type Content =
  | (Piece & {
      readonly type: "text";
      readonly thread?: number;
      /** A reply to this message, unless the chat has moved since. */
      readonly replyTo?: { readonly chat: number; readonly message: number };
      /** Telegram takes 64 bytes as the data of a button: an approval's id has 39. */
      readonly buttons?: ReturnType<typeof buttonsOf>;
      /** The person's app opens a reply to it. */
      readonly asksForReply?: true;
    })
  /** The attachment of this index. */
  | { readonly type: "file"; readonly file: number; readonly thread?: number }
  /** An answer to the press of a button, shown over the chat; as a message if it comes too late. */
  | (Piece & { readonly type: "toast"; readonly query: string; readonly thread?: number })
  /** Replaces the text of a message, and takes its buttons away. */
  | (Piece & { readonly type: "edit"; readonly message: string });

/** Characters of a button that a phone shows. */
const mostLabel = 60;

/** Telegram's most characters of an answer to a press. */
const mostToast = 190;

/** The host's own words begin with its underlined name. No text of an agent can be underlined. */
const hostMark: Piece = { html: "<b><u>Gatehouse</u></b>", plain: "Gatehouse" };

const byHost = (piece: Piece, gap: string): Piece => ({
  html: `${hostMark.html}${gap}${piece.html}`,
  plain: `${hostMark.plain}${gap}${piece.plain}`,
});

/** The parts of a message: its text in parts, then its files. */
export const partsOf: Connection["partsOf"] = (message) => {
  const { threadId, card, attachments = [] } = message;
  const thread = threadId === null ? {} : { thread: Number(threadId) };
  const query = message.inReplyTo === null ? null : queryOf(message.inReplyTo);
  const said = oneLine(message.text);
  if (message.from === null && card === undefined && query !== null && said.length <= mostToast)
    return [part({ type: "toast", query, ...toastOf(said), ...thread })];
  const pieces = card === undefined ? textPieces(message) : cardPieces(card);
  const texts = pieces.map((piece, index): Part => {
    const isLast = index === pieces.length - 1;
    const replyTo = index === 0 ? repliedTo(message) : null;
    return part(
      {
        type: "text",
        ...piece,
        ...thread,
        ...(replyTo === null ? {} : { replyTo }),
        ...(isLast && card !== undefined ? { buttons: buttonsOf(card, mostLabel) } : {}),
      },
      isLast ? card : null,
    );
  });
  return [...texts, ...attachments.map((_, file) => part({ type: "file", file, ...thread }))];
};

const part = partOf<Content>;

/** A text over the chat has no format, and belongs to the host alone. The message in its place has the host's mark. */
const toastOf = (said: string): Piece => ({
  html: byHost({ html: escaped(said), plain: said }, ": ").html,
  plain: said,
});

const textPieces = ({ from, text }: ToChat): readonly Piece[] => {
  if (from !== null) return piecesOf(text);
  const said = oneLine(text);
  return plainPieces(said).map((piece) => byHost(piece, ": "));
};

const cardPieces = (card: Card): readonly Piece[] => {
  const title = { html: `<b>${escaped(card.title)}</b>`, plain: card.title };
  const lines = [...linePieces(card.lines), ...linePieces(hintsOf(card, mostLabel, "Reply to this message"))];
  return joined([byHost(title, "\n"), ...lines], "\n").map((piece, index) =>
    index === 0 ? piece : byHost(piece, "\n"),
  );
};

/** The lines of a card. Those of an agent's text begin with `>`, and a phone wraps them. */
const linePieces = (lines: readonly string[]): readonly Piece[] => {
  const groups: string[][] = [];
  for (const [at, line] of lines.entries()) {
    const isNext = isQuoted(line) && isQuoted(lines[at - 1] ?? "");
    if (isNext) groups.at(-1)?.push(line);
    else groups.push([line]);
  }
  return groups.flatMap(([first = "", ...others]) =>
    isQuoted(first) ? quotedPieces([first, ...others]) : plainPieces(first === "" ? " " : first),
  );
};

const isQuoted = (line: string): boolean => line.startsWith("> ");

/** Asks a person for the words of an option. */
export const askForWords: Connection["askForWords"] = (label, threadId) => {
  const said = oneLine(`Reply to this message with your words: ${label}`);
  return part({
    type: "text",
    ...byHost({ html: escaped(said), plain: said }, ": "),
    asksForReply: true,
    ...(threadId === null ? {} : { thread: Number(threadId) }),
  });
};

/** The text of a card with its outcome. */
export const closeCard: Connection["closeCard"] = ({ content, platformMessageId }, outcome) => {
  const shown = JSON.parse(content) as Piece;
  const said = oneLine(outcome);
  const end = byHost({ html: `<b>${escaped(said)}</b>`, plain: said }, ": ");
  const whole = {
    html: `${shown.html}\n\n${end.html}`,
    plain: `${shown.plain}\n\n${end.plain}`,
  };
  // The text of an edited message has the same limit as a new one.
  const piece = whole.plain.length <= mostEdited ? whole : end;
  return part({ type: "edit", message: platformMessageId, html: piece.html, plain: piece.plain });
};

const mostEdited = 4_096;

/** The press that a message of the host answers; null for any other message. */
export const queryOf = (messageId: string): string | null =>
  /^telegram:\d+:q:(.+)$/.exec(messageId)?.[1] ?? null;

/** In a group an agent's answer is shown as a reply; in a chat with one person there is nothing to tell apart. */
const repliedTo = ({
  inReplyTo,
  platformId,
}: ToChat): { readonly chat: number; readonly message: number } | null => {
  const [, chat, number] = /^telegram:\d+:(-?\d+):(\d+)(?::e:\d+)?$/.exec(inReplyTo ?? "") ?? [];
  return chat?.startsWith("-") === true && platformId === `telegram:${chat}`
    ? { chat: Number(chat), message: Number(number) }
    : null;
};
