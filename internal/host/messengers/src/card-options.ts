import { oneLine, type Card } from "@gatehouse/std";

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

/** The text of the button of a label: a long one is cut, and has the number by which a line of the card says it whole. */
export const buttonText = (label: string, index: number, most: number): string =>
  label.length <= most ? oneLine(label) : `${index + 1}: ${[...oneLine(label)].slice(0, most - 5).join("")}…`;
