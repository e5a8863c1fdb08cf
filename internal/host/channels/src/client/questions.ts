import { oneLine, type Card, type CardOption } from "@gatehouse/std";
import type { CardAnswer } from "@gatehouse/approvals";

/** An option of a card, as a typed line names it. */
type Option = Omit<CardAnswer, "words"> & {
  /** The line that the person types: `approve ab12`. */
  readonly line: string;
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
  /** The answer that a line gives, and whether its card takes one still; undefined for any other text. */
  readonly named: (line: string) => { readonly answer: CardAnswer; readonly isOpen: boolean } | undefined;
  /** Why a line that names no option is not for the agent either, a sentence; null for any other text. */
  readonly notForAgent: (line: string) => string | null;
};

/** Characters of a code. A second card with the same end gets a longer code. */
const shortest = 4;

/** Most open cards that are named for a code that matches none. */
const mostNamed = 5;

/** The options that a person types by their own verb. All others approve. */
const verbs: readonly string[] = ["always", "reject", "answer"];

export const questions = (): Questions => {
  const options: Option[] = [];
  const codes = new Map<string, string>();
  const titles = new Map<string, string>();
  /** The card of each message. A card that has changed is in another message than before. */
  const shown = new Map<string, string>();
  const closeCard = (cardId: string | undefined): void => {
    for (const option of options) if (option.cardId === cardId) option.isOpen = false;
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
    close: (messageId) => closeCard(shown.get(messageId)),
    add: (messageId, card) => {
      closeCard(card.id);
      shown.set(messageId, card.id);
      const code = codeOf(card.id);
      titles.set(card.id, oneLine(card.title.replace(` (${card.id})`, ""), 100));
      return card.options.map(({ id: option, words: takes }) => {
        const [verb = "", ...number] = option.split(":");
        const line = [verb, code, ...number].join(" ");
        options.push({ cardId: card.id, option, seen: card.digest, line, takes, isOpen: true });
        return takes === "required" ? `${line} ...` : line;
      });
    },
    named: (line) => {
      const said = wordsOf(line);
      const exact = options.findLast(({ line: own, takes }) => own === said && takes !== "required");
      if (exact !== undefined) return { answer: answerOf(exact), isOpen: exact.isOpen };
      const [, start = "", own = ""] = /^\s*(\S+\s+\S+)\s+(\S[^]*)$/.exec(line) ?? [];
      const begun = options.findLast(
        ({ line: known, takes }) => known === wordsOf(start) && takes !== undefined,
      );
      return begun === undefined
        ? undefined
        : { answer: { ...answerOf(begun), words: wordsAfter(begun, own) }, isOpen: begun.isOpen };
    },
    notForAgent: (line) => {
      const words = bareWords(line);
      const open = [...codes].filter(([cardId]) =>
        options.some((one) => one.cardId === cardId && one.isOpen),
      );
      const [, meant] = [...codes].find(([cardId, code]) => isMeant(words, code, cardId)) ?? [];
      if (meant !== undefined)
        return open.some(([, code]) => code === meant)
          ? `Type exactly one line from below the card with the code ${meant}; nothing was sent.`
          : "This card has been answered already; nothing was sent.";
      const code = codeIn(words, open.length > 0);
      if (code === null) return null;
      const shown = open.slice(0, mostNamed).map(([cardId, own]) => `${own} (${titles.get(cardId) ?? ""})`);
      const there = open.length === 0 ? "No card waits here." : `Open: ${shown.join(", ")}.`;
      const what =
        code === "" ? "The line has no code of a card" : `No card has the code ${oneLine(code, 40)}`;
      return `${what}; nothing was sent. ${there} A message to the agent begins with another word.`;
    },
  };
};

/** The words of a line without the marks around them: `/approve`, `"approve ab12"`, `approve ab12.` */
const bareWords = (line: string): readonly string[] =>
  line
    .normalize("NFKC")
    .toLowerCase()
    .replace(/\p{Cf}/gu, "")
    .split(/[\s,;:]+/u)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""))
    .filter((word) => word !== "");

/** Longest line, in words, in which an open code alone is meant for its card: `yes, do 3658`. */
const fewWords = 4;

/** Whether a line has the code of this card as an answer to it, or its id, which ends with the code. */
const isMeant = (words: readonly string[], code: string, cardId: string): boolean =>
  words.some(
    (word, at) =>
      word === cardId.toLowerCase() ||
      (word === code && (words.length <= fewWords || isVerb(words[at - 1] ?? ""))),
  );

const isVerb = (word: string): boolean => word === "approve" || verbs.includes(word);

/**
 * The code in a line that begins as an answer to a card does; empty if the line has none; null for a line to the agent,
 * such as `approve of this plan` or `answer me`. A code has four characters or more, most with a digit; while a card
 * waits, fewer make one.
 */
const codeIn = (words: readonly string[], isAsked: boolean): string | null => {
  const [verb = "", code = "", ...rest] = words;
  if (!isVerb(verb)) return null;
  if (code === "") return isAsked ? "" : null;
  if (isAsked && /^\d{1,2}$/.test(code)) return "";
  const isHex = /^[0-9a-f]{4,}$/.test(code);
  const hasBoth = /\d/.test(code) && /[a-z]/.test(code);
  const isAlone = isHex || /^(?=.*\d)[0-9a-z]{4,}$/.test(code) || /^[^\W_aeiouy]{4,5}$/.test(code);
  const isCode =
    rest.length === 0
      ? isAlone || (isAsked && /^(?=.*\d)[0-9a-z]{3}$/.test(code))
      : isHex && (isAsked || hasBoth);
  return isCode ? code : null;
};

/** True for a line that begins as an answer to a card does. The agent must not learn the code of a card, which it has. */
export const isAnswerToCard = (line: string): boolean => codeIn(bareWords(line), false) !== null;

const answerOf = ({ cardId, option, seen }: Option): CardAnswer => ({ cardId, option, seen });

const wordsOf = (line: string): string => line.trim().toLowerCase().split(/\s+/).join(" ");

/** `reject ab12 because it is late` gives `it is late`. */
const wordsAfter = ({ option }: Option, text: string): string =>
  option === "reject" ? text.trim().replace(/^because\s+(?=\S)/i, "") : text.trim();
