import { oneLine, visible } from "@gatehouse/std";
import type { PastMessage } from "@gatehouse/channels/client";
import { foreignRows, hostRows, ownRows } from "./rows.ts";

/** A text of an agent, in marked rows. */
export type Draw = (text: string, from: string, columns: number) => readonly string[];

/** As the agent wrote it. */
export const undrawn: Draw = (text, from, columns) => foreignRows(`${from}: ${text}`, columns);

/** A past message in rows, with its time and its author. A card is one line, without the words that answer it. */
export const pastRows = (
  { at, direction, from, text, card, answers, failed, files = [] }: PastMessage,
  columns: number,
  draw: Draw = undrawn,
): readonly string[] => {
  const when = `${at.slice(0, 16).replace("T", " ")}Z`;
  const named = files.map(({ name, size }) => `file ${visible(name)} (${size} bytes)`);
  if (direction === "in") {
    const said = answers === undefined ? text : `answered ${answers}: ${text}`;
    return ownRows([`${when} ${from ?? ""}: ${said}`, ...named].join("\n"), columns);
  }
  if (card !== undefined)
    return hostRows(
      `${when} card: ${oneLine(card.title)}${card.isOpen ? "; it waits for an answer" : ""}`,
      columns,
    );
  const words =
    from === null
      ? hostRows(`${when} ${failed === true ? "error" : "host"}: ${oneLine(text)}`, columns)
      : draw(text, `${when} ${from}`, columns);
  return [...words, ...named.flatMap((file) => foreignRows(file, columns))];
};

/** A past message as a JSON object. */
export const pastJson = ({ at, direction, from, text, id, inReplyTo, ...more }: PastMessage): object => {
  const { card, answers, files, failed } = more;
  return {
    at,
    direction,
    from,
    text,
    id,
    in_reply_to: inReplyTo,
    ...(card === undefined ? {} : { card: { id: card.id, title: card.title, is_open: card.isOpen } }),
    ...(answers === undefined ? {} : { answers }),
    ...(files === undefined ? {} : { files }),
    ...(failed === true ? { failed } : {}),
  };
};
