import { approveFor, type Card } from "../channel.ts";

/** A card as text. `words` has what to type for each option; without them nobody can answer here. */
export const cardText = (card: Card, words: readonly string[] | null): string =>
  [
    card.title,
    ...card.lines.map((line) => `  ${line}`),
    words === null
      ? `Answer it at a terminal with gatehouse chat, or with ncl approvals approve ${card.id}${groupFlag(card)}.`
      : [
          "To answer, type:",
          ...card.options.map(({ label }, index) => `  ${words[index]?.padEnd(16)} ${label}`),
        ].join("\n"),
  ].join("\n");

/** Of several groups one has to be named. */
const groupFlag = ({ options }: Card): string =>
  options.filter(({ value }) => value.startsWith(approveFor)).length > 1 ? " --group GROUP" : "";
