import type { Card } from "../channel.ts";

/** An option of a card, as a line of the conversation names it. */
export type Option = {
  readonly cardId: string;
  /** The message with the card. */
  readonly messageId: string;
  /** The line that the person types: `approve ab12`. */
  readonly words: string;
  readonly value: string;
  isOpen: boolean;
};

/**
 * The options of all cards of a conversation. Each is named by a word and the card's code, the same for every client:
 * a digit that is meant for the agent answers nothing.
 */
export type Questions = {
  /** Returns the line to type for each of a card's options. */
  readonly add: (messageId: string, card: Card) => readonly string[];
  readonly close: (messageId: string) => void;
  /** The option that a line names; undefined for any other text. */
  readonly named: (line: string) => Option | undefined;
  /** The code of a known card that a line speaks of without naming one of its options; undefined for other text. */
  readonly nearly: (line: string) => string | undefined;
};

/** Characters of a code. A second card with the same end gets a longer one. */
const shortest = 4;

export const questions = (): Questions => {
  const options: Option[] = [];
  const codes = new Map<string, string>();
  const close = (messageId: string): void => {
    for (const option of options) if (option.messageId === messageId) option.isOpen = false;
  };
  const codeOf = (cardId: string): string => {
    const known = codes.get(cardId);
    if (known !== undefined) return known;
    const letters = cardId.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
    const taken = new Set(codes.values());
    let length = shortest;
    while (taken.has(letters.slice(-length)) && length < letters.length) length += 1;
    const code = letters.slice(-length);
    codes.set(cardId, code);
    return code;
  };
  return {
    close,
    add: (messageId, card) => {
      close(messageId);
      const code = codeOf(card.id);
      const approving = card.options.filter(({ value }) => value !== "reject");
      return card.options.map(({ value }) => {
        const number =
          approving.length > 1 ? ` ${approving.findIndex((one) => one.value === value) + 1}` : "";
        const words = value === "reject" ? `reject ${code}` : `approve ${code}${number}`;
        options.push({ cardId: card.id, messageId, words, value, isOpen: true });
        return words;
      });
    },
    named: (line) => {
      const said = wordsOf(line);
      return options.findLast(({ words }) => words === said);
    },
    nearly: (line) => {
      const [verb = "", code = ""] = wordsOf(line).split(" ");
      const isKnown = (verb === "approve" || verb === "reject") && [...codes.values()].includes(code);
      return isKnown ? code : undefined;
    },
  };
};

const wordsOf = (line: string): string => line.trim().toLowerCase().split(/\s+/).join(" ");
