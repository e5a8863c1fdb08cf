import { visible } from "@gatehouse/std";
import { Lexer, type Token, type Tokens } from "marked";
import { cutRows, drawInline, piece, style, wrapped } from "./draw-inline.ts";
import { drawTable } from "./draw-table.ts";

/**
 * Longest text that is drawn, characters. The parser takes 1.5 s for the worst text of 20,000 that was found, and more
 * than in proportion for a longer one.
 */
const longestDrawn = 16_000;

/** Smallest width that lists and quotes leave to their text, cells. */
const leastWidth = 20;

/**
 * Draws an agent's Markdown in rows of less than this many columns, after the name of its sender. Returns null for a
 * text that is better shown as it was written: a very long one, or one with thousands of nested quotes.
 *
 * Each piece of the text is made visible before it gets a style. So the only control characters of the result are line
 * breaks and the styles that are added here.
 */
export const drawMarkdown = (text: string, from: string, columns: number): readonly string[] | null => {
  if (text.length > longestDrawn) return null;
  const plain = text.replaceAll("\r\n", "\n").replaceAll("\t", "    ");
  // The last column stays free, because some terminals wrap there at once.
  const width = Math.max(leastWidth, columns - 1);
  try {
    const tokens = new Lexer({ gfm: true }).lex(plain);
    return withName(tokens, `${visible(from)}:`, width).flatMap((row) => cutRows(row, width));
  } catch (error) {
    // The parser calls itself for each level: `>>>>...`.
    if (error instanceof RangeError) return null;
    throw error;
  }
};

/** The name begins the first paragraph; before another block it has a row of its own. */
const withName = (tokens: readonly Token[], name: string, width: number): readonly string[] => {
  const [first, ...rest] = tokens;
  if (first?.type !== "paragraph") return [name, ...drawBlocks(tokens, width)];
  const named = {
    ...first,
    tokens: [{ type: "escape", raw: "", text: `${name} ` }, ...(first.tokens ?? [])],
  };
  return drawBlocks([named, ...rest], width);
};

/** Draws blocks, with an empty row where the text has one. */
const drawBlocks = (tokens: readonly Token[], width: number): readonly string[] => {
  const rows: string[] = [];
  let isApart = false;
  for (const token of tokens) {
    if (token.type !== "space") {
      if (isApart && rows.length > 0) rows.push("");
      rows.push(...drawBlock(token, width));
    }
    isApart = token.type === "space" || /\n[ ]*\n\s*$/u.test(token.raw);
  }
  return rows;
};

const drawBlock = (token: Token, width: number): readonly string[] => {
  switch (token.type) {
    case "heading":
      return wrapped(style.bold(drawInline(token.tokens)), width);
    case "code":
      return (token as Tokens.Code).text
        .split("\n")
        .map((line) => (line === "" ? "" : `  ${style.dim(piece(line))}`));
    case "blockquote":
      return indented(drawBlocks(token.tokens ?? [], inner(width, 2)), style.dim("│ "), style.dim("│ "));
    case "list":
      return drawList(token as Tokens.List, width);
    case "table":
      return drawTable(token as Tokens.Table, width);
    case "hr":
      return [style.dim("─".repeat(Math.min(width, 40)))];
    case "paragraph":
    case "text":
      return wrapped(drawInline(token.tokens ?? [token]), width);
    default:
      // HTML, and addresses of links: nothing of the text is hidden.
      return wrapped(piece(token.raw.trimEnd()), width);
  }
};

const inner = (width: number, less: number): number => Math.max(leastWidth, width - less);

const drawList = ({ items, ordered, start }: Tokens.List, width: number): readonly string[] =>
  items.flatMap((item, at) => {
    const marker = ordered ? `${Number(start) + at}. ` : "• ";
    const box = item.task ? `[${item.checked === true ? "x" : " "}] ` : "";
    const rows = drawBlocks(
      item.tokens.filter(({ type }) => type !== "checkbox"),
      inner(width, marker.length),
    );
    const isApart = /\n[ ]*\n\s*$/u.test(item.raw) && at < items.length - 1;
    const [first = "", ...rest] = rows;
    return [...indented([box + first, ...rest], marker, " ".repeat(marker.length)), ...(isApart ? [""] : [])];
  });

const indented = (rows: readonly string[], first: string, others: string): readonly string[] =>
  rows.map((row, at) => (row === "" && at > 0 ? others.trimEnd() : `${at === 0 ? first : others}${row}`));
