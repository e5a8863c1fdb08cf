import type { CardAnswer } from "@gatehouse/approvals";
import type { Card } from "@gatehouse/std";
import type { Outbox } from "../outbox/outbox.ts";
import { setSend, shownAs, shownCards, type SendRow } from "../outbox/sends.ts";
import type { UsedBot } from "../used-bot.ts";
import type { PlacedMessage } from "./groups.ts";

type AnsweringBot = Pick<UsedBot, "host" | "key"> & { readonly out: Pick<Outbox, "send"> };

/**
 * The answer to a card that a press or a reply gives. Null for a message to the agent. `handled` for a press whose option needs
 * words first: then the person was asked for them.
 */
export const answerFrom = async (
  deps: AnsweringBot,
  { message, about }: PlacedMessage,
): Promise<CardAnswer | null | "handled"> => {
  if (about === null) return null;
  const { platformMessageId, answer } = about;
  const chat = { ...deps.key, chat: message.platformId };
  const shown = await shownAs(deps.host.messages, chat, platformMessageId);
  if (answer.by === "reply") return shown === null ? null : replyTo(shown, message.text);
  const [, cardId = "", index = ""] = /^(.{1,60}):(\d{1,3})$/.exec(answer.data) ?? [];
  const row = shown ?? (await learned(deps, chat, { cardId, platformMessageId }));
  // The host refuses an unknown card in its own words.
  if (row?.card_id !== cardId) return { cardId: cardId === "" ? answer.data : cardId, option: "", seen: "" };
  const card = cardIn(row);
  const option = card.options[Number(index)];
  if (option?.words === "required") {
    const { platformId, instance, threadId } = message;
    const to = { id: `ask-${message.id}`, platformId, instance, threadId, inReplyTo: null, from: null };
    await deps.out.send({ ...to, text: option.label, asks: { ...card, options: [option] } });
    return "handled";
  }
  return { cardId, option: option?.id ?? "", seen: card.digest };
};

const cardIn = ({ card }: SendRow): Card => JSON.parse(card ?? "{}") as Card;

/** A reply is the words of the option that takes them. Without such an option it names one that is not there. */
const replyTo = (row: SendRow, text: string): CardAnswer => {
  const card = cardIn(row);
  const taking = card.options.filter(({ words }) => words !== undefined);
  const option = taking.find(({ words }) => words === "required") ?? taking[0];
  const answer = { cardId: card.id, seen: card.digest };
  return option === undefined ? { ...answer, option: text } : { ...answer, option: option.id, words: text };
};

/** A card whose send was uncertain: its press tells that it arrived, and as which message. */
const learned = async (
  { host: { messages: db } }: AnsweringBot,
  chat: Parameters<typeof shownCards>[1],
  { cardId, platformMessageId }: { readonly cardId: string; readonly platformMessageId: string },
): Promise<SendRow | null> => {
  const rows = await shownCards(db, chat, cardId);
  const unknown = rows.filter(({ platform_message_id: id }) => id === null);
  const [row] = unknown;
  // Of two that say different things, nobody knows which one the person has read.
  if (row === undefined || new Set(unknown.map((one) => cardIn(one).digest)).size > 1) return null;
  await setSend(db, row, { state: "sent", platform_message_id: platformMessageId });
  return row;
};
