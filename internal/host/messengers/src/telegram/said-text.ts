import type { Message } from "@grammyjs/types";
import { messageFields } from "./message-fields.ts";

type Field = keyof Message;

/** A message, or the parts of it that a reply from another chat has. */
export type Said = Partial<Message>;

const fieldsOf = (said: Said): readonly string[] => Object.keys(said);

const isKnown = (name: string): name is Field => Object.hasOwn(messageFields, name);

/** True for a message about the chat itself, such as a new member or a new topic. */
export const isOfChat = (said: Said): boolean =>
  fieldsOf(said).some((name) => isKnown(name) && messageFields[name] === "of-chat");

/** The text of a message, and in brackets what else it is: `[a poll: ...]`. Empty for a file without a caption. */
export const textOf = (said: Said): string => {
  const text = said.text ?? said.caption ?? (said.rich_message && richText(said.rich_message.blocks));
  const words = (Object.keys(messageFields) as Field[]).flatMap((name) => wordsOf(said, name));
  const parts = [...(text === undefined || text === "" ? [] : [text]), ...words];
  return parts.length === 0 && !hasFile(said) ? unknownKind(said) : parts.join("\n");
};

/** The same for a message that is quoted: its files are named, too. */
export const shownText = (said: Said): string => {
  if (isOfChat(said)) return "[a message about the chat itself]";
  // An animation is a document, too: the first one is named.
  const field = fileFields.find((name) => said[name] !== undefined);
  const file = field === undefined ? "" : `[${nameOfFile(said, field)}]`;
  return [file, textOf(said)].filter((part) => part !== "").join("\n");
};

const wordsOf = (said: Said, name: Field): readonly string[] => {
  const [fate, value] = [messageFields[name], said[name]];
  if (typeof fate !== "function" || value === undefined || value === null) return [];
  // The compiler cannot know that the value is of the same field.
  const words = (fate as (of: unknown, said: Said) => string)(value, said);
  return words === "" ? [] : [`[${words}]`];
};

const fileFields = ["animation", "document", "photo", "video", "audio", "voice", "video_note"] as const;

const hasFile = (said: Said): boolean => fileFields.some((name) => said[name] !== undefined);

const kinds: Readonly<Record<(typeof fileFields)[number], string>> = {
  animation: "an animation",
  document: "a file",
  photo: "a photo",
  video: "a video",
  audio: "an audio file",
  voice: "a voice message",
  video_note: "a video message",
};

const nameOfFile = (said: Said, field: (typeof fileFields)[number]): string => {
  const { file_name: name } = said[field] as { readonly file_name?: string };
  return name === undefined ? kinds[field] : `${kinds[field]}: ${name}`;
};

const unknownKind = (said: Said): string => {
  const names = fieldsOf(said).filter((name) => !isKnown(name) && /^[a-z_]{1,40}$/.test(name));
  const named = names.length === 0 ? "" : `: ${names.slice(0, 3).join(", ")}`;
  return `[a message of a kind that cannot be shown here${named}]`;
};

/** Most characters of a rich message; Telegram's own bound of its text. */
const mostRich = 32_768;

/** The words of a rich message, a line for each block. Its formats and media are left out. */
const richText = (blocks: readonly unknown[]): string => richWords(blocks, "\n").slice(0, mostRich);

/** The fields of a block that have words, in the order in which people see them, and what stands between their parts. */
const richFields = {
  label: "",
  summary: "",
  text: "",
  expression: "",
  alternative_text: "",
  blocks: "\n",
  items: "\n",
  cells: "\n",
  caption: "",
  credit: "",
} as const;

const richWords = (part: unknown, between: string): string => {
  if (typeof part === "string") return part;
  // A row of a table is a list in a list.
  if (Array.isArray(part)) return part.map((one) => richWords(one, between && " ")).join(between);
  if (typeof part !== "object" || part === null) return "";
  return Object.entries(richFields)
    .map(([name, gap]) => richWords((part as Readonly<Record<string, unknown>>)[name], gap))
    .filter((words) => words !== "")
    .join(" ");
};
