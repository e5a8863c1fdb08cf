import { fieldsOf, listOf, textOf } from "@gatehouse/std";
import { join } from "node:path";
import {
  isFolderName,
  namedFiles,
  safeFileName,
  type Destination,
  type Json,
  type ReceivedInbound,
} from "@gatehouse/session-rows/messages";
import { messageText } from "../loop/next-work.ts";
import type { AttachedFile, Prompt } from "../provider.ts";
import { attributes, escapeText } from "./markup.ts";

/** The names, time zone and paths that a prompt is written for. */
export type PromptPlace = {
  readonly destinations: readonly Destination[];
  /** The agent's name. */
  readonly assistantName: string;
  /** The group's time zone, IANA: all times of a prompt are in it. */
  readonly timezone: string;
  /** The folder with the attachments of messages. */
  readonly inbox: string;
};

/**
 * A prompt as one text for a model, a block for each message:
 *
 *     <context you="Ada" timezone="Europe/Berlin" destinations="home, team">Send with ...</context>
 *     <message id="4" from="home" sender="Ana" user="local:ana" time="2026-01-01 09:00">hello</message>
 *
 * All that people and other programs wrote is escaped: no text and no name ends its block, or begins another's.
 */
export const promptText = ({ messages, notes }: Prompt, place: PromptPlace): string =>
  [
    contextOf(place),
    ...messages.map((message) => (blocks[message.kind] ?? chatBlock)(message, place)),
    ...notes.map((note) => `<system>${escapeText(note)}</system>`),
  ].join("\n");

/**
 * The agent's name, and the form of its answers. Its instructions say the same, but after a long conversation
 * they are far away.
 */
const contextOf = ({ assistantName, timezone, destinations }: PromptPlace): string => {
  const names = destinations.map(({ name }) => name).join(", ");
  const values = { you: assistantName, timezone, destinations: names === "" ? null : names };
  return `<context${attributes(values)}>${escapeText(form)}</context>`;
};

const form =
  'Send with <message to="DESTINATION">text</message>, at the beginning of a line. Text outside this form is not sent.';

type Block = (message: ReceivedInbound, place: PromptPlace) => string;

const block = (
  tag: string,
  message: ReceivedInbound,
  place: PromptPlace,
  { values = {}, body }: { readonly values?: Parameters<typeof attributes>[0]; readonly body: string },
): string => {
  const from = originOf(message, place.destinations);
  const all = { id: String(message.seq), from, ...values, time: timeIn(place.timezone, message.timestamp) };
  return `<${tag}${attributes(all)}>${body}</${tag}>`;
};

/** A message without a chat is the host's own; a person's message always has one. */
const chatBlock: Block = (message, place) => {
  const { content, channelType } = message;
  if (channelType === null && fieldsOf(content)["system"] === true) return systemBlock(message, place);
  const user = textIn(content, "sender");
  const values = {
    sender: textIn(content, "senderName") ?? user ?? "unknown",
    user,
    replaces: replacedBy(content),
  };
  const body = [
    ...quotedTags(content),
    escapeText(messageText(message)),
    ...attachmentTags(message, place.inbox),
  ];
  return block("message", message, place, { values, body: body.join("\n") });
};

/** The number of the message of which this one is a new version; null if it is none. */
const replacedBy = (content: Json): string | null => {
  const { edits } = fieldsOf(content);
  if (edits === undefined) return null;
  return typeof edits === "number" ? String(edits) : "an earlier message";
};

/**
 * Others' words to which a person replies, or which they pass on:
 *
 *     <replied-to sender="Bo" user="telegram:8" part="340 euros">The invoice of May is 340 euros too high.</replied-to>
 */
const quotedTags = (content: Json): readonly string[] =>
  listOf(fieldsOf(content)["quoted"]).map((quoted) => {
    const tag = quoted["how"] === "forwarded" ? "forwarded" : "replied-to";
    const values = {
      sender: textIn(quoted, "sender"),
      user: textIn(quoted, "userId"),
      part: textIn(quoted, "part"),
    };
    return `<${tag}${attributes(values)}>${escapeText(textOf(quoted["text"]))}</${tag}>`;
  });

const systemBlock: Block = (message, place) =>
  block("system", message, place, { body: escapeText(messageText(message)) });

/**
 * A task, and the output of the command that woke the agent for it:
 *
 *     <task id="4" from="home" time="2026-01-01 09:00"><output command="ls in">a.txt</output>
 *     Sort the new files.</task>
 */
const taskBlock: Block = (message, place) => {
  const { condition, output } = fieldsOf(message.content);
  const said = escapeText(textIn(message.content, "prompt") ?? messageText(message));
  const first =
    typeof output === "string"
      ? [`<output${attributes({ command: textOf(condition) })}>${escapeText(output)}</output>`]
      : [];
  return block("task", message, place, { body: [...first, said].join("\n") });
};

const blocks: Readonly<Record<ReceivedInbound["kind"], Block>> = {
  chat: chatBlock,
  task: taskBlock,
  system: systemBlock,
};

/** The name with which the agent can send to the origin of a message; null if there is none. */
export const originOf = (message: ReceivedInbound, destinations: readonly Destination[]): string | null => {
  const { channelType, platformId } = message;
  const found = destinations.find((one) =>
    one.type === "agent"
      ? channelType === "agent" && one.agentGroupId === platformId
      : one.channelType === channelType && one.platformId === platformId,
  );
  return found?.name ?? null;
};

/** `2026-01-01 09:00`. */
const timeIn = (timeZone: string, at: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" }).format(new Date(at));

/** Tags for the files of a message, and for files that were left out, with the reason. */
const attachmentTags = (message: ReceivedInbound, inbox: string): readonly string[] =>
  namedFiles(message.content).flatMap(({ name, problem }) => {
    if (problem !== null) return [`<attachment${attributes({ name, problem })}/>`];
    const path = pathIn(message, inbox, name);
    return path === null ? [] : [`<attachment${attributes({ name, path })}/>`];
  });

/** The files of a message, under the names that the host gave them. */
export const attachmentsOf = (message: ReceivedInbound, inbox: string): readonly AttachedFile[] =>
  namedFiles(message.content).flatMap(({ name, problem }) => {
    const path = problem === null ? pathIn(message, inbox, name) : null;
    return path === null ? [] : [{ name, path }];
  });

const pathIn = ({ id }: ReceivedInbound, inbox: string, name: string): string | null =>
  isFolderName(id) ? join(inbox, id, safeFileName(name)) : null;

/** The text of a field; null if it is empty or not a text. */
const textIn = (content: unknown, name: string): string | null => textOf(fieldsOf(content)[name]) || null;
