import { randomBytes } from "node:crypto";
import type { ToChat } from "@gatehouse/channels";
import { oneLine, type Card } from "@gatehouse/std";
import { cutMarkdown, cutText } from "../cut.ts";
import { buttonsOf, hintsOf, partOf } from "../card-options.ts";
import type { Part, ShownCard } from "../messenger.ts";
import { chatIn, messageIn } from "./names.ts";

/** An embed, and a row of buttons, as the host makes them (https://docs.discord.com/developers/resources/message#embed-object). */
export type Embed = { readonly author?: { readonly name: string }; readonly description: string };
export type ActionRow = { readonly type: 1; readonly components: readonly Button[] };
type Button = {
  readonly type: 2;
  readonly style: 2;
  readonly label: string;
  readonly custom_id: string;
};

/** A part of a message, as one call sends it. */
export type Content = {
  /** The thread, if it is in one; else the chat's channel. */
  readonly thread?: string;
} & (
  | {
      readonly type: "post";
      /** Discord knows the part by it. */
      readonly nonce: string;
      /** The text of an agent in Markdown, or embeds of the host. */
      readonly content?: string;
      readonly embeds?: readonly Embed[];
      readonly components?: readonly ActionRow[];
      /** The message of the channel that it answers. */
      readonly reply?: string;
      /** The press that it answers: only that person sees it. */
      readonly press?: string;
    }
  /** The attachment of this index. */
  | { readonly type: "file"; readonly nonce: string; readonly file: number }
  /** Replaces a message, and takes its buttons away. */
  | { readonly type: "edit"; readonly message: string; readonly embeds: readonly Embed[] }
);

export type Post = Extract<Content, { readonly type: "post" }>;

/** Discord's most characters of a text is 2,000 (https://docs.discord.com/developers/resources/message#create-message). */
const mostText = 2_000;

/** Most characters of an embed's description, of which there are 4,096, and of a line of it before it is escaped. */
const [mostDescription, mostLine] = [3_800, 900];

/** Discord's most buttons of a row, and characters on one (https://docs.discord.com/developers/components/reference). */
const [mostButtons, mostButton] = [5, 80];

/** The host's own words are in an embed of its name. No text of an agent makes one. */
const byHost = { name: "Gatehouse" };

/** 25 characters are the most. */
const nonce = (): string => randomBytes(15).toString("base64url");

const part = partOf<Content>;

/** The parts of a message: its text in parts, then its files. `pressOf`: the interaction that a message answers. */
export const partsOf = (message: ToChat, pressOf: (id: string) => string | null): readonly Part[] => {
  const { platformId, threadId, card, attachments = [], text, inReplyTo } = message;
  const thread = threadId === null ? {} : { thread: threadId };
  const chat = chatIn(platformId);
  const answered = inReplyTo === null ? null : messageIn(inReplyTo);
  const isThere = answered !== null && answered.channel === (threadId ?? chat?.channel);
  // In a direct chat there is nobody else.
  const isShared = chat?.guild !== null;
  const reply = isShared && isThere ? { reply: answered.message } : {};
  const press = isShared && inReplyTo !== null ? pressOf(inReplyTo) : null;
  const place = { ...thread, ...(press === null ? {} : { press }) };
  const texts =
    card !== undefined
      ? cardParts(card, thread)
      : message.from === null
        ? descriptionsOf(oneLine(text).split("\n")).map((description) => hostPart(description, place))
        : cutMarkdown(text, mostText).map((content, at) =>
            part({ type: "post", ...thread, nonce: nonce(), content, ...(at === 0 ? reply : {}) }),
          );
  return [...texts, ...attachments.map((_, file) => part({ type: "file", ...thread, nonce: nonce(), file }))];
};

const hostPart = (description: string, place: Pick<Post, "thread" | "press">): Part =>
  part({ type: "post", ...place, nonce: nonce(), embeds: [{ author: byHost, description }] });

/** Lines in descriptions below the limit. Those of another's text begin with `> `. */
const descriptionsOf = (lines: readonly string[], title: readonly string[] = []): readonly string[] => {
  const shown = [
    ...title.map((line) => `**${escaped(line)}**`),
    ...lines.flatMap((line) => {
      const isQuoted = line.startsWith("> ");
      const plain = isQuoted ? line.slice(2) : line;
      return cutText(plain, mostLine).map((one) => `${isQuoted ? "> " : ""}${escaped(one)}`);
    }),
  ];
  const all: string[] = [];
  for (const line of shown) {
    const last = all.at(-1);
    if (last === undefined || last.length + line.length + 1 > mostDescription) all.push(line);
    else all[all.length - 1] = `${last}\n${line}`;
  }
  return all;
};

/** No Markdown, mention or link with another name: a sign after `\` is itself (https://docs.discord.com/developers/reference#message-formatting). */
const escaped = (text: string): string =>
  text.replaceAll(/[\\*_~`|[\]<]/g, String.raw`\$&`).replaceAll(/^(\s*)([-+#>])/gm, String.raw`$1\$2`);

const cardParts = (card: Card, place: Pick<Post, "thread">): readonly Part[] => {
  const lines = card.lines.flatMap((line) => line.split("\n"));
  const all = descriptionsOf(
    [...lines, ...hintsOf(card, mostButton, "Reply to this message")],
    cutText(oneLine(card.title), mostLine),
  );
  return all.map((description, at) => {
    const isLast = at === all.length - 1;
    const embeds = [{ author: byHost, description }];
    const components = isLast ? { components: rowsOf(card) } : {};
    return part({ type: "post", ...place, nonce: nonce(), embeds, ...components }, isLast ? card : null);
  });
};

const rowsOf = (card: Card): readonly ActionRow[] => {
  const buttons = buttonsOf(card, mostButton).map(({ text: label, data: custom_id }): Button => ({
    type: 2,
    style: 2,
    label,
    custom_id,
  }));
  return Array.from({ length: Math.ceil(buttons.length / mostButtons) }, (_, at) => ({
    type: 1,
    components: buttons.slice(at * mostButtons, (at + 1) * mostButtons),
  }));
};

/** Asks a person for the words of an option. */
export const askForWords = (label: string, threadId: string | null): Part => {
  const [description = ""] = descriptionsOf([oneLine(`Reply to this message with your words: ${label}`)]);
  return hostPart(description, threadId === null ? {} : { thread: threadId });
};

/** The card with its outcome, without buttons. */
export const closeCard = ({ content, platformMessageId: message }: ShownCard, outcome: string): Part => {
  const { thread, embeds = [] } = JSON.parse(content) as Post;
  // Discord's most characters of all embeds of a message together are 6,000.
  const [description = ""] = descriptionsOf([], [oneLine(outcome, mostLine)]);
  return part({
    type: "edit",
    ...(thread === undefined ? {} : { thread }),
    message,
    embeds: [...embeds, { author: byHost, description }],
  });
};
