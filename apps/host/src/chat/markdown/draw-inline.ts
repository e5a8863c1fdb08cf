import { visibleLines } from "@gatehouse/std";
import type { Token, Tokens } from "marked";
import { createColors } from "picocolors";
import wrapAnsi from "wrap-ansi";

/** The styles of a terminal. Whether any is used is decided before. */
export const style: ReturnType<typeof createColors> = createColors(true);

/** A text in rows of at most `width` cells. Styles go on in the next row. */
export const wrapped = (text: string, width: number): readonly string[] =>
  wrapAnsi(text, width, { hard: true }).split("\n");

/** A drawn row that is too wide, such as one of code, in several. */
export const cutRows = (row: string, width: number): readonly string[] =>
  wrapAnsi(row, width, { hard: true, wordWrap: false, trim: false }).split("\n");

/**
 * A piece of the text. It is made visible here, after the parser: the parser turns `&#27;` into the character itself
 * (marked 18.2.1).
 */
export const piece = (text: string): string => visibleLines(text);

/** Draws the parts of a line. A link shows its address too, so that its text cannot hide where it leads. */
export const drawInline = (tokens: readonly Token[] = []): string => tokens.map(drawPart).join("");

const drawPart = (token: Token): string => {
  switch (token.type) {
    case "strong":
      return style.bold(drawInline(token.tokens));
    case "em":
      return style.italic(drawInline(token.tokens));
    case "del":
      return style.strikethrough(drawInline(token.tokens));
    case "codespan":
      return style.cyan(piece((token as Tokens.Codespan).text));
    case "br":
      return "\n";
    case "link":
    case "image":
      return drawLink(token as Tokens.Link | Tokens.Image);
    case "text":
      return token.tokens === undefined ? piece((token as Tokens.Text).text) : drawInline(token.tokens);
    case "escape":
      return piece((token as Tokens.Escape).text);
    default:
      return piece(token.raw);
  }
};

const drawLink = ({ type, text, href, tokens }: Tokens.Link | Tokens.Image): string => {
  const isBare = [href, href.replace(/^(?:mailto:|https?:\/\/)/u, "")].includes(text);
  if (isBare) return style.underline(piece(text));
  const shown = type === "link" ? drawInline(tokens) : `image ${piece(text)}`;
  return `${style.underline(shown)} ${style.dim(`(${piece(href)})`)}`;
};
