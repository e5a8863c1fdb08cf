import { isPrompt } from "../loop/next-work.ts";
import type { Answer, Prompt } from "../provider.ts";
import { answersIn } from "./answers-in.ts";

/**
 * The answers in the text that ends an agent's turn. Without any block of the form, the whole text answers the last
 * prompt: a sender waits for it.
 */
export const turnAnswers = (text: string, { messages }: Pick<Prompt, "messages">): readonly Answer[] => {
  const inReplyTo = messages.findLast(isPrompt)?.id ?? null;
  const blocks = answersIn(text);
  if (blocks.length > 0) return blocks.map((block) => ({ ...block, inReplyTo }));
  return text.trim() === "" ? [] : [{ text: text.trim(), inReplyTo }];
};
