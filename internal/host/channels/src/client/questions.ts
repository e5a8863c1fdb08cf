import type { Card, CardOption } from "../channel.ts";

/** An option of a card, as a typed line names it. */
export type Option = {
  readonly cardId: string;
  /** The message with the card. */
  readonly messageId: string;
  /** The line that the person types: `approve ab12`. */
  readonly words: string;
  readonly value: string;
  /** Set if words of the person may follow: `reject ab12 not today`. */
  readonly takes: CardOption["words"];
  isOpen: boolean;
};

/**
 * The options of all cards in a conversation. Each is named by a word and the card's code, which is the same
 * in every client. A digit that is meant for the agent never answers a card.
 */
export type Questions = {
  /** Returns the line to type for each of a card's options. */
  readonly add: (messageId: string, card: Card) => readonly string[];
  readonly close: (messageId: string) => void;
  /** The option that a line names, with its words in the value; undefined for any other text. */
  readonly named: (line: string) => Pick<Option, "cardId" | "value" | "isOpen"> | undefined;
  /** The code of a known card in a line that names none of its options; undefined for other text. */
  readonly nearly: (line: string) => string | undefined;
};

/** Characters of a code. A second card with the same end gets a longer code. */
const shortest = 4;

/** The options that a person types by their own verb. All others approve. */
const verbs: readonly string[] = ["always", "reject", "answer"];

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
      const approving = card.options.filter(({ value }) => verbOf(value) === "approve");
      return card.options.map(({ value, words: takes }) => {
        const [, ...rest] = value.split(":");
        const number =
          approving.length > 1 ? String(approving.findIndex((one) => one.value === value) + 1) : "";
        const last = verbOf(value) === "approve" ? number : rest.join(":");
        const words = [verbOf(value), code, last].filter((word) => word !== "").join(" ");
        options.push({ cardId: card.id, messageId, words, value, takes, isOpen: true });
        return takes === "required" ? `${words} ...` : words;
      });
    },
    named: (line) => {
      const said = wordsOf(line);
      const exact = options.findLast(({ words, takes }) => words === said && takes !== "required");
      if (exact !== undefined) return exact;
      const [, start = "", own = ""] = /^\s*(\S+\s+\S+)\s+(\S[^]*)$/.exec(line) ?? [];
      const option = options.findLast(({ words, takes }) => words === wordsOf(start) && takes !== undefined);
      return option === undefined
        ? undefined
        : { ...option, value: `${option.value}:${wordsAfter(option, own)}` };
    },
    nearly: (line) => {
      const [verb = "", code = ""] = wordsOf(line).split(" ");
      const isKnown = (verb === "approve" || verbs.includes(verb)) && [...codes.values()].includes(code);
      return isKnown ? code : undefined;
    },
  };
};

const verbOf = (value: string): string => verbs.find((verb) => verb === value.split(":")[0]) ?? "approve";

const wordsOf = (line: string): string => line.trim().toLowerCase().split(/\s+/).join(" ");

/** `reject ab12 because it is late` gives `it is late`. */
const wordsAfter = ({ value }: Option, text: string): string =>
  value === "reject" ? text.trim().replace(/^because\s+(?=\S)/i, "") : text.trim();
