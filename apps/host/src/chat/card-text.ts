import type { Card } from "@gatehouse/std";

/** A card as text. `words` has the text to type for each option; null if the card cannot be answered here. */
export const cardText = (card: Card, words: readonly string[] | null): string =>
  [
    card.title,
    ...card.lines.map((line) => `  ${line}`),
    words === null
      ? [
          "Answer it at a terminal with gatehouse chat, or with:",
          ...card.options.map(({ label, command }) => `  ${command}   ${label}`),
        ].join("\n")
      : [
          "To answer, type:",
          ...card.options.map(({ label }, index) => `  ${words[index]?.padEnd(16)} ${label}`),
        ].join("\n"),
  ].join("\n");
