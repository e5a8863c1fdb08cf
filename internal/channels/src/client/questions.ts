import type { Card } from "../channel.ts";

/** An option that a number stands for. */
export type Option = {
  readonly cardId: string;
  /** The message with the card. */
  readonly messageId: string;
  readonly value: string;
  isOpen: boolean;
};

/** The options of all cards of a conversation. A number is given once, so it never means something else. */
export type Questions = {
  /** The numbers of a card's options. */
  readonly add: (messageId: string, card: Card) => readonly number[];
  readonly close: (messageId: string) => void;
  /** The option that a line names; undefined for any other text. */
  readonly named: (line: string) => Option | undefined;
};

export const questions = (): Questions => {
  const options: Option[] = [];
  const close = (messageId: string): void => {
    for (const option of options) if (option.messageId === messageId) option.isOpen = false;
  };
  return {
    close,
    add: (messageId, card) => {
      close(messageId);
      const first = options.length + 1;
      for (const { value } of card.options) options.push({ cardId: card.id, messageId, value, isOpen: true });
      return card.options.map((_, index) => first + index);
    },
    named: (line) => (/^\d+$/.test(line.trim()) ? options[Number(line.trim()) - 1] : undefined),
  };
};
