import { fieldsOf, listOf, textOf, type Fields } from "@gatehouse/std";

/**
 * How far Codex came with one prompt, read from the newest turns of its thread. Seen with 0.169.0: from the reply to
 * `turn/start` on the turn is on disk, and from the prompt's item on its client id.
 */
export type PromptState =
  /** The prompt is not in the thread. */
  | { readonly state: "absent" }
  /** Its turn has begun and has no answer. Nothing continues it, so it is reverted. */
  | { readonly state: "open"; readonly turn: string }
  /** `sent`: the messages that the turn sent before its end. */
  | { readonly state: "answered"; readonly text: string; readonly sent: readonly string[] };

/** How far the prompt with this client id came. `turns`: newest first, as `thread/turns/list` gives them. */
export const promptStateIn = (turns: unknown, clientId: string): PromptState => {
  const all = listOf(turns);
  const found = all.find(({ items }) => listOf(items).some((item) => isPrompt(item, clientId)));
  const [newest] = all;
  // Killed between the turn and its prompt: the turn is on disk, empty.
  const own = found ?? (newest !== undefined && isEmpty(newest) ? newest : undefined);
  if (own === undefined) return { state: "absent" };
  if (own["status"] !== "completed") return { state: "open", turn: textOf(own["id"]) };
  const items = listOf(own["items"]);
  const sent = items.map(sentIn).filter((text) => text !== null);
  return { state: "answered", text: answerIn(items), sent };
};

const isPrompt = ({ type, clientId }: Fields, wanted: string): boolean =>
  type === "userMessage" && clientId === wanted;

const isEmpty = ({ status, items }: Fields): boolean =>
  status !== "completed" && !listOf(items).some(({ type }) => type === "userMessage");

/**
 * The text that answers a turn: its final messages. Models that name no phases are answered by the last one; what came
 * before are words between tools. What the turn sent by itself answers nothing.
 */
export const answerIn = (items: readonly Fields[]): string => {
  const messages = items.filter((item) => item["type"] === "agentMessage" && sentIn(item) === null);
  const final = messages.filter(({ phase }) => phase === "final_answer");
  return (final.length > 0 ? final : messages.slice(-1)).map(({ text }) => textOf(text)).join("\n");
};

/**
 * The text of an item that is a message of its own, sent while its turn goes on; null for any other item. Codex 0.171.0
 * names its `delivery` (`send_message_to_user_async`), and puts questions beside the text (`request_user_input_async`).
 */
export const sentIn = ({ type, text, delivery, questions }: Fields): string | null => {
  if (type !== "agentMessage" || delivery === null || delivery === undefined) return null;
  const words = textOf(text);
  const asked = listOf(questions).map(questionText);
  return [words, ...asked.filter((each) => !words.includes(each))].join("\n\n").trim();
};

const questionText = ({ title, options }: Fields): string =>
  [textOf(title), ...(Array.isArray(options) ? options : []).map((option) => `- ${textOf(option)}`)].join(
    "\n",
  );

/** The id of the thread in a reply to `thread/start`. */
export const threadIdIn = (result: unknown): string => textOf(fieldsOf(fieldsOf(result)["thread"])["id"]);
