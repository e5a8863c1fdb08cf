import { approveFor, type Card } from "../channel.ts";

/** A card as text. `numbers` has the number of each option; without them nobody can answer here. */
export const cardText = (card: Card, numbers: readonly number[] | null): string =>
  [
    card.title,
    ...card.lines.map((line) => `  ${line}`),
    numbers === null
      ? `It is answered at a terminal with gatehouse chat, or with ncl approvals approve ${card.id}${groupFlag(card)}.`
      : card.options.map(({ label }, index) => `  [${numbers[index]}] ${label}`).join("\n"),
  ].join("\n");

/** Of several groups one has to be named. */
const groupFlag = ({ options }: Card): string =>
  options.filter(({ value }) => value.startsWith(approveFor)).length > 1 ? " --group GROUP" : "";
