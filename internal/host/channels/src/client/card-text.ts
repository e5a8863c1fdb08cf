import { approveFor, type Card } from "../channel.ts";

/** A card as text. `words` has the text to type for each option; null if the card cannot be answered here. */
export const cardText = (card: Card, words: readonly string[] | null): string =>
  [
    card.title,
    ...card.lines.map((line) => `  ${line}`),
    words === null
      ? `Answer it at a terminal with gatehouse chat, or with ${commandOf(card)}.`
      : [
          "To answer, type:",
          ...card.options.map(({ label }, index) => `  ${words[index]?.padEnd(16)} ${label}`),
        ].join("\n"),
  ].join("\n");

const commandOf = (card: Card): string =>
  card.options.some(({ value }) => value.startsWith("answer"))
    ? `ncl approvals answer ${card.id} --text ANSWER`
    : `ncl approvals approve ${card.id}${groupFlag(card)}`;

/** With several groups the approver must name one. */
const groupFlag = ({ options }: Card): string =>
  options.filter(({ value }) => value.startsWith(approveFor)).length > 1 ? " --group GROUP" : "";
