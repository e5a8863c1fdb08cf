import { oneLine, type Card } from "@gatehouse/std";
import type { Part } from "./messenger.ts";

type Option = Card["options"][number];

/** The option that a reply to the card answers with: one that needs words before one that takes them. */
const wordsOption = ({ options }: Card): Option | null =>
  options.find(({ words }) => words === "required") ??
  options.find(({ words }) => words === "optional") ??
  null;

/** What the buttons of at most so many characters mean that say less than their labels, and the way to answer in words. */
export const hintsOf = (card: Card, most: number, reply: string): readonly string[] => {
  const words = wordsOption(card);
  return [
    ...card.options.flatMap((option, index) => {
      const { label, button } = option;
      // The last line has the label of the option that takes words.
      if (button !== undefined) return option === words ? [] : [`${button}: ${label}`];
      return label.length <= most ? [] : [`${index + 1}: ${label}`];
    }),
    ...(words === null ? [] : [`${reply} with words: ${words.label}`]),
  ];
};

/**
 * The buttons of a card. A long label is cut, and has the number by which a line of the card says it whole. The data of a button
 * names its option (`answer-from.ts`).
 */
export const buttonsOf = (
  { id, options }: Card,
  most: number,
): readonly { readonly text: string; readonly data: string }[] =>
  options.map(({ label: whole, button: label = whole }, index) => ({
    text:
      label.length <= most
        ? oneLine(label)
        : `${index + 1}: ${[...oneLine(label)].slice(0, most - 5).join("")}…`,
    data: `${id}:${index}`,
  }));

/** A part of a message, in the platform's own form. */
export const partOf = <Content extends object>(content: Content, card: Card | null = null): Part => ({
  content: JSON.stringify(content),
  card,
});
