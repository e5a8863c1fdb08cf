import type { ToChat } from "@gatehouse/channels";
import { oneLine, type Card } from "@gatehouse/std";
import type { Connection, Part } from "../messenger.ts";
import { cutMarkdown, cutText } from "../cut.ts";
import { buttonsOf, hintsOf, partOf } from "../card-options.ts";
import { presserIn } from "./names.ts";

/** A block of Block Kit (https://docs.slack.dev/reference/block-kit/blocks). */
export type Block = { readonly type: string; readonly [field: string]: unknown };

/** A part of a message, as one call sends it. */
export type Content =
  | {
      readonly type: "post";
      readonly thread?: string;
      /** The text of an agent in Markdown, or blocks of the host with the text of their notice. */
      readonly markdown?: string;
      readonly text?: string;
      readonly blocks?: readonly Block[];
      /** Only this person sees it. */
      readonly onlyFor?: string;
    }
  /** The attachment of this index. */
  | { readonly type: "file"; readonly file: number; readonly thread?: string }
  /** Replaces a message, and takes its buttons away. */
  | { readonly type: "edit"; readonly ts: string; readonly text: string; readonly blocks: readonly Block[] };

/** Slack's most characters of `markdown_text` is 12,000 (https://docs.slack.dev/reference/methods/chat.postMessage). */
const mostMarkdown = 11_000;

/** Slack's most characters of a text in a block, and of the words on a button; its most buttons of a block. */
const [mostBlockText, mostButton, mostButtons] = [3_000, 75, 25];

/** Slack's most blocks of a message is 50. */
const mostBlocks = 45;

/** The host's own words are under its name in a context block. No Markdown makes one. */
const hostMark: Block = { type: "context", elements: [{ type: "mrkdwn", text: "*Gatehouse*" }] };

const plainBlock = (text: string): Block => ({
  type: "section",
  text: { type: "plain_text", text, emoji: false },
});

const titleBlock = (text: string): Block => ({
  type: "rich_text",
  elements: [{ type: "rich_text_section", elements: [{ type: "text", text, style: { bold: true } }] }],
});

/** Words of an agent or a person on a card. */
const quoteBlock = (text: string): Block => ({
  type: "rich_text",
  elements: [{ type: "rich_text_quote", elements: [{ type: "text", text }] }],
});

/** The parts of a message: its text in parts, then its files. */
export const partsOf: Connection["partsOf"] = (message) => {
  const { threadId, card, attachments = [], text } = message;
  const thread = threadId === null ? {} : { thread: threadId };
  const texts =
    card !== undefined
      ? cardParts(card, thread)
      : message.from === null
        ? hostParts(oneLine(text), { ...thread, ...onlyFor(message) })
        : cutMarkdown(withoutCalls(text), mostMarkdown).map((markdown) =>
            part({ type: "post", ...thread, markdown }),
          );
  return [...texts, ...attachments.map((_, file) => part({ type: "file", file, ...thread }))];
};

/** `<!channel>` and `<@U2>` would call people (https://docs.slack.dev/messaging/formatting-message-text). */
const withoutCalls = (text: string): string => text.replaceAll(/<(?=[!@#])/g, "&lt;");

const part = partOf<Content>;

type PostPlace = { readonly thread?: string; readonly onlyFor?: string };

const hostParts = (said: string, place: PostPlace): readonly Part[] =>
  cutText(said, mostBlockText).map((text) =>
    part({ type: "post", ...place, text, blocks: [hostMark, plainBlock(text)] }),
  );

/** The answer to a press is for the person who pressed. */
const onlyFor = ({ inReplyTo }: ToChat): Pick<PostPlace, "onlyFor"> => {
  const presser = inReplyTo === null ? null : presserIn(inReplyTo);
  return presser === null ? {} : { onlyFor: presser };
};

const cardParts = (card: Card, place: PostPlace): readonly Part[] => {
  const blocks = [
    ...cutText(card.title, mostBlockText).map(titleBlock),
    ...lineBlocks(card.lines),
    ...lineBlocks(hintsOf(card, mostButton, "Reply in the thread of this message")),
    ...buttonBlocks(card),
  ];
  const groups: Block[][] = [];
  for (const [at, block] of blocks.entries()) {
    if (at % mostBlocks === 0) groups.push([hostMark]);
    groups.at(-1)?.push(block);
  }
  return groups.map((group, at) =>
    part({ type: "post", ...place, text: card.title, blocks: group }, at === groups.length - 1 ? card : null),
  );
};

/** The lines of a card. Those of another's text begin with `>`. */
const lineBlocks = (lines: readonly string[]): readonly Block[] => {
  const groups: { readonly isQuoted: boolean; readonly lines: string[] }[] = [];
  for (const line of lines) {
    const isQuoted = line.startsWith("> ");
    const last = groups.at(-1);
    if (last?.isQuoted === isQuoted) last.lines.push(isQuoted ? line.slice(2) : line);
    else groups.push({ isQuoted, lines: [isQuoted ? line.slice(2) : line] });
  }
  return groups.flatMap(({ isQuoted, lines: all }) =>
    cutText(all.join("\n"), mostBlockText).map(isQuoted ? quoteBlock : plainBlock),
  );
};

const buttonBlocks = (card: Card): readonly Block[] => {
  const buttons = buttonsOf(card, mostButton).map(({ text, data: value }, index) => ({
    type: "button",
    action_id: `option-${index}`,
    value,
    text: { type: "plain_text", text, emoji: false },
  }));
  return Array.from({ length: Math.ceil(buttons.length / mostButtons) }, (_, at) => ({
    type: "actions",
    elements: buttons.slice(at * mostButtons, (at + 1) * mostButtons),
  }));
};

/** Asks a person for the words of an option, outside of any thread: a reply names only the first message of its thread. */
export const askForWords: Connection["askForWords"] = (label) => {
  const text = oneLine(`Reply in the thread of this message with your words: ${label}`);
  return part({ type: "post", text, blocks: [hostMark, ...cutText(text, mostBlockText).map(plainBlock)] });
};

/** The card with its outcome, without buttons. */
export const closeCard: Connection["closeCard"] = ({ content, platformMessageId: ts }, outcome) => {
  const { blocks = [], text = "" } = JSON.parse(content) as Extract<Content, { readonly type: "post" }>;
  const said = oneLine(outcome);
  const shown = blocks.filter(({ type }) => type !== "actions");
  return part({
    type: "edit",
    ts,
    text: `${text}: ${said}`,
    blocks: [...shown, hostMark, ...cutText(said, mostBlockText).map(titleBlock)],
  });
};
