import type { MessagePlace, ReadMessage, ReadUpdate, RemoteFile, SentAtOnce } from "../messenger.ts";
import type { InboxUpdate } from "./updates.ts";

/** A person's message, and its place. */
export type PlacedMessage = ReadMessage & { readonly message: MessagePlace };

/** An update, and its content. */
export type Part = { readonly update: InboxUpdate; readonly read: ReadUpdate };

/** Updates that are one message: the files of an album, a text that an app has split, a comment and what it forwards. */
export type Group = readonly [Part, ...Part[]];

/** Time for which further files of an album, or the rest of a long text, are awaited, ms. Apps send them at once. */
const partsMs = 500;

/** Time for which a forwarded message is awaited after a text, which may be its comment, ms. */
const commentMs = 300;

/** Most time between two messages that an app has sent at once, ms. Times of a platform may be whole seconds. */
const atOnceMs = 2_000;

/**
 * The messages among the updates of a chat, in order. Those from the first one on of which a part may still come are left out;
 * `waitMs` says for how long. `isCut`: more updates wait than were read. `atOnce` null: each update is complete.
 */
export const groupsIn = (
  parts: readonly Part[],
  isCut: boolean,
  atOnce: SentAtOnce | null,
): { readonly groups: readonly Group[]; readonly waitMs: number } => {
  if (atOnce === null) return { groups: parts.map((part) => [part]), waitMs: 0 };
  const groups: [Part, ...Part[]][] = [];
  for (const part of parts) {
    const group =
      groups.find(([{ update }]) => update.message_id === part.update.message_id) ??
      groups.findLast(([first]) => isSameSender(first, part));
    const isNext = group !== undefined && belongs(group, part, atOnce);
    if (isNext) group.push(part);
    else groups.push([part]);
  }
  for (const [index, group] of groups.entries()) {
    const waitMs = isOpen(group, groups.slice(index + 1)) ? msLeft(group, atOnce) : 0;
    const mayBeCut = isCut && index > 0 && index === groups.length - 1;
    if (waitMs > 0 || mayBeCut) return { groups: groups.slice(0, index), waitMs };
  }
  return { groups, waitMs: 0 };
};

const messageIn = ({ read }: Part): ReadMessage | null => (read.type === "message" ? read : null);

const isSameSender = (one: Part, other: Part): boolean => {
  const [a, b] = [messageIn(one)?.message, messageIn(other)?.message];
  return a !== undefined && a.userId === b?.userId && a.threadId === b.threadId;
};

const lastOf = (group: Group): Part => group.at(-1) ?? group[0];

const belongs = (group: Group, next: Part, atOnce: SentAtOnce): boolean => {
  if (group[0].update.message_id === next.update.message_id) return true;
  // What has waited for an answer was joined before.
  if ([group[0], next].some(({ update }) => update.waits_for !== null)) return false;
  const [last, read] = [messageIn(lastOf(group)), messageIn(next)];
  if (last === null || read === null || !isJoinable(last) || !isJoinable(read)) return false;
  const apartMs = Math.abs(Date.parse(read.message.at) - Date.parse(last.message.at));
  if (apartMs > atOnceMs) return false;
  return isForward(read) ? isComment(last) || isForward(last) : isSplit(last, atOnce) && isRest(read);
};

/** An edit and an answer to a card are messages of their own. */
const isJoinable = ({ message, about }: ReadMessage): boolean =>
  about === null && message.edits === undefined;

const isForward = ({ message: { text, quoted = [] } }: ReadMessage): boolean =>
  text === "" && quoted[0]?.how === "forwarded";

/** Orders are carried out at once. */
const isComment = ({ message: { text }, files }: ReadMessage): boolean =>
  text !== "" && !text.startsWith("/") && files.length === 0;

const isSplit = ({ message: { text }, files }: ReadMessage, { splitAbove }: SentAtOnce): boolean =>
  text.length >= splitAbove && files.length === 0;

const isRest = ({ message: { text }, files }: ReadMessage): boolean =>
  text !== "" && files.length === 0 && !/^\/\w+$/.test(text);

/** A later message of the same person says that no part follows, except for an album. */
const isOpen = (group: Group, later: readonly Group[]): boolean =>
  messageIn(lastOf(group))?.isPart === true || !later.some(([first]) => isSameSender(group[0], first));

const msLeft = (group: Group, atOnce: SentAtOnce): number => {
  const [last, { update }] = [messageIn(lastOf(group)), lastOf(group)];
  if (last === null || (last.isPart !== true && !isJoinable(last))) return 0;
  const ms =
    last.isPart === true || isSplit(last, atOnce)
      ? partsMs
      : isComment(last) || isForward(last)
        ? commentMs
        : 0;
  const leftMs = Date.parse(update.at) + ms - Date.now();
  // After a clock was set back, the parts have come long ago.
  return leftMs > ms ? 0 : leftMs;
};

/** The message of a group. A name in any part of it is enough to name the bot. */
export const messageOf = (
  group: Group,
  atOnce: SentAtOnce | null,
): PlacedMessage | Exclude<ReadUpdate, ReadMessage> => {
  const reads = group.flatMap((part) => messageIn(part) ?? []);
  const [first, ...others] = reads;
  const [{ read, update }] = group;
  if (first === undefined) return read.type === "message" ? { type: "none" } : read;
  const message = { ...first.message, ...placeOf(update) };
  if (others.length === 0) return { ...first, message };
  const quoted = reads.flatMap(({ message }) => message.quoted ?? []);
  return {
    ...first,
    message: {
      ...message,
      ...(quoted.length === 0 ? {} : { quoted }),
      text: textOf(reads, atOnce?.mostText ?? Infinity),
      isMention: reads.some(({ message }) => message.isMention),
    },
    files: reads.flatMap(({ files }): readonly RemoteFile[] => files),
  };
};

/** The place of an update now: its chat may have moved since it was received. */
export const placeOf = ({ message_id: id, type, chat, bot }: InboxUpdate): MessagePlace => ({
  id,
  channelType: type,
  platformId: chat,
  instance: bot,
});

/** A split text is joined as it was. Of several captions each names its file; a single one is of the whole album. */
const textOf = (reads: readonly ReadMessage[], mostText: number): string => {
  const texts = reads.filter(({ message }) => message.text !== "");
  if (texts.every(({ files }) => files.length === 0))
    return joined(
      texts.map(({ message }) => message.text),
      mostText,
    );
  return texts
    .map(({ message: { text }, files: [file] }) =>
      file === undefined || texts.length === 1 ? text : `${file.name}: ${text}`,
    )
    .join("\n");
};

/** The blank at which an app has split a text is lost; within a word, at the limit, there was none. */
const joined = (texts: readonly string[], mostText: number): string =>
  texts.reduce((all, text, at) => `${all}${(texts[at - 1] ?? "").length >= mostText ? "" : "\n"}${text}`);
