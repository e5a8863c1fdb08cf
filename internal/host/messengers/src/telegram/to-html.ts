import { marked, type Token, type Tokens } from "marked";
import { cutText } from "../cut.ts";

/** A text in Telegram's HTML, and as plain text with the same words. */
export type Piece = { readonly html: string; readonly plain: string };

/** Most characters of a message, after its HTML was parsed; Telegram takes 4,096. */
const most = 4_000;

/**
 * The Markdown of an agent as messages of Telegram, in order. Blocks stay whole if they fit; HTML of the agent is text. No tag
 * `<u>` is made here: only the host's own words have it.
 */
export const piecesOf = (markdown: string): readonly Piece[] => {
  const blocks = marked
    .lexer(markdown.replaceAll(combiningLines, ""), { gfm: true })
    .filter(({ type }) => type !== "space" && type !== "def")
    .flatMap(wholeOrCut);
  return joined(blocks).filter(({ plain }) => plain.trim() !== "");
};

/** Lines of a plain text as messages, marked as quoted: each row of a line, however narrow the screen is. */
export const quotedPieces = (lines: readonly string[]): readonly Piece[] =>
  joined(lines.flatMap(plainPieces), "\n").map((piece) => wrap("blockquote", piece));

/** A plain text as messages. */
export const plainPieces = (text: string): readonly Piece[] => cutText(text, most).map(textPiece);

/** Puts pieces of lines together, each as long as may be. */
export const joined = (pieces: readonly Piece[], gap = "\n\n"): readonly Piece[] => {
  const messages: Piece[] = [];
  for (const piece of pieces) {
    const last = messages.at(-1);
    if (last !== undefined && last.plain.length + gap.length + piece.plain.length <= most)
      messages[messages.length - 1] = join([last, piece], gap);
    else messages.push(piece);
  }
  return messages;
};

/** The escaped form of a text in HTML. */
export const escaped = (text: string): string =>
  text.replaceAll(/[&<>"]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[one] ?? "&quot;");

/** The characters that draw a line or an arrow below others: with them a text could look like the host's mark. */
const combiningLines = /[\u0320\u0331-\u0333\u0347\u035F\u1AB6\u20EC-\u20EF\uFE2B-\uFE2D]/g;

const textPiece = (plain: string): Piece => ({ html: escaped(plain), plain });

const join = (pieces: readonly Piece[], gap = ""): Piece => ({
  html: pieces.map(({ html }) => html).join(gap),
  plain: pieces.map(({ plain }) => plain).join(gap),
});

const wrap = (tag: string, { html, plain }: Piece): Piece => ({
  html: html === "" ? "" : `<${tag}>${html}</${tag}>`,
  plain,
});

/** The block as one piece, or cut: a long paragraph or list loses its emphasis, code stays code. */
const wholeOrCut = (token: Token): readonly Piece[] => {
  const piece = block(token);
  if (piece.plain.length <= most) return [piece];
  if (token.type === "code" || token.type === "table") {
    const language = token.type === "code" ? (token as Tokens.Code).lang : undefined;
    return cutText(piece.plain, most).map((part) => code(part, language));
  }
  return cutText(piece.plain, most).map(textPiece);
};

const block = (token: Token): Piece => {
  switch (token.type) {
    case "heading":
      return wrap("b", inline(token.tokens));
    case "paragraph":
    case "text": {
      const { tokens, text } = token as Tokens.Text | Tokens.Paragraph;
      return tokens === undefined ? textPiece(unescaped(text)) : inline(tokens);
    }
    case "code":
      return code(token.text as string, (token as Tokens.Code).lang);
    case "blockquote":
      return wrap("blockquote", join(blocksIn(token.tokens).map(block), "\n"));
    case "list":
      return list(token as Tokens.List, 0);
    case "table":
      return code(tableText(token as Tokens.Table), undefined);
    case "hr":
      return textPiece("———");
    default:
      return textPiece(token.raw.trim());
  }
};

const blocksIn = (tokens: readonly Token[] = []): readonly Token[] =>
  tokens.filter(({ type }) => type !== "space" && type !== "checkbox");

const inline = (tokens: readonly Token[] = []): Piece => join(tokens.map(inlineOne));

const inlineOne = (token: Token): Piece => {
  switch (token.type) {
    case "strong":
      return wrap("b", inline(token.tokens));
    case "em":
      return wrap("i", inline(token.tokens));
    case "del":
      return wrap("s", inline(token.tokens));
    case "codespan":
      return wrap("code", textPiece(unescaped(token.text as string)));
    case "br":
      return textPiece("\n");
    case "link":
      return link(token as Tokens.Link);
    case "image":
      return textPiece(`${token.text as string} (${token.href as string})`);
    case "html":
      return textPiece(token.raw);
    default: {
      const { tokens, text, raw } = token as Tokens.Text;
      return tokens === undefined ? textPiece(unescaped(text ?? raw)) : inline(tokens);
    }
  }
};

const link = ({ href, tokens }: Tokens.Link): Piece => {
  const label = inline(tokens);
  if (label.plain === href) return label;
  const plain = `${label.plain} (${href})`;
  // Telegram itself shows the address of such a link before it opens it.
  return /^(https?|mailto):/i.test(href)
    ? { html: `<a href="${escaped(href)}">${label.html}</a>`, plain }
    : textPiece(plain);
};

const list = ({ items, ordered, start }: Tokens.List, depth: number): Piece =>
  join(
    items.map((item, index) => {
      const number = ordered ? `${Number(start === "" ? 1 : start) + index}. ` : "• ";
      const mark = item.task ? (item.checked === true ? "☑ " : "☐ ") : number;
      const parts = blocksIn(item.tokens).map((one) =>
        one.type === "list" ? list(one as Tokens.List, depth + 1) : block(one),
      );
      const [first = textPiece(""), ...rest] = parts;
      return join([join([textPiece("  ".repeat(depth) + mark), first]), ...rest], "\n");
    }),
    "\n",
  );

const tableText = ({ header, rows }: Tokens.Table): string => {
  const cells = [header, ...rows].map((row) => row.map(({ tokens }) => inline(tokens).plain));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(" | ")
      .trimEnd();
  const [head = [], ...body] = cells;
  return [line(head), widths.map((width) => "-".repeat(width)).join("-|-"), ...body.map(line)].join("\n");
};

const code = (text: string, language: string | undefined): Piece => {
  const name = /^[\w+#-]+/.exec(language ?? "")?.[0];
  const html =
    name === undefined
      ? `<pre>${escaped(text)}</pre>`
      : `<pre><code class="language-${name}">${escaped(text)}</code></pre>`;
  return { html, plain: text };
};

/** `marked` escapes the characters of HTML in texts. */
const unescaped = (text: string): string =>
  text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => entities[name] ?? whole);

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
