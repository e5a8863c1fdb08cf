import { fieldsOf, listOf, textOf, type Fields } from "../fields.ts";

/**
 * How far Codex came with one prompt, read from the newest turns of its thread. Seen with 0.169.0: from the reply to
 * `turn/start` on the turn is on disk, and from the prompt's item on its client id.
 */
export type PromptState =
  /** The prompt is not in the thread. */
  | { readonly state: "absent" }
  /** Its turn has begun and has no answer. Nothing continues it, so it is reverted. */
  | { readonly state: "open"; readonly turn: string }
  | { readonly state: "answered"; readonly text: string };

/** How far the prompt with this client id came. `turns`: newest first, as `thread/turns/list` gives them. */
export const promptStateIn = (turns: unknown, clientId: string): PromptState => {
  const all = listOf(turns);
  const found = all.find(({ items }) => listOf(items).some((item) => isPrompt(item, clientId)));
  const [newest] = all;
  // Killed between the turn and its prompt: the turn is on disk, empty.
  const own = found ?? (newest !== undefined && isEmpty(newest) ? newest : undefined);
  if (own === undefined) return { state: "absent" };
  return own["status"] === "completed"
    ? { state: "answered", text: answerIn(listOf(own["items"])) }
    : { state: "open", turn: textOf(own["id"]) };
};

const isPrompt = ({ type, clientId }: Fields, wanted: string): boolean =>
  type === "userMessage" && clientId === wanted;

const isEmpty = ({ status, items }: Fields): boolean =>
  status !== "completed" && !listOf(items).some(({ type }) => type === "userMessage");

/**
 * The text that answers a turn: its final messages. Models that name no phases are answered by the last one; what came
 * before are words between tools.
 */
export const answerIn = (items: readonly Fields[]): string => {
  const messages = items.filter(({ type }) => type === "agentMessage");
  const final = messages.filter(({ phase }) => phase === "final_answer");
  return (final.length > 0 ? final : messages.slice(-1)).map(({ text }) => textOf(text)).join("\n");
};

/** The id of the thread in a reply to `thread/start`. */
export const threadIdIn = (result: unknown): string => textOf(fieldsOf(fieldsOf(result)["thread"])["id"]);
