import { Buffer } from "node:buffer";

/** The tags that Telegram knows. */
const tags = /^(b|i|u|s|a|code|pre|blockquote|strong|em|del|ins)$/;

/** The match of a pattern with its groups; empty without one. */
export const fitting = (pattern: RegExp, text: string): readonly (string | undefined)[] =>
  pattern.exec(text) ?? [];

/** The text that people see. */
export const shownText = (text: string, mode: unknown): string =>
  mode === "HTML"
    ? text
        .replaceAll(/<[^>]+>/g, "")
        .replaceAll(
          /&(lt|gt|quot|amp);/g,
          (_, name: string) => ({ lt: "<", gt: ">", quot: '"' })[name] ?? "&",
        )
    : text;

/** Why Telegram refuses a text, in its words; null if it takes it. */
export const textProblem = ({
  text,
  caption,
  mode,
}: {
  readonly text?: string | undefined;
  readonly caption?: string | undefined;
  readonly mode: unknown;
}): string | null => {
  const given = text ?? caption ?? "";
  // Limits count after the HTML was parsed.
  const bare = shownText(given, mode);
  if (text !== undefined && bare.trim() === "") return "Bad Request: message text is empty";
  if (text !== undefined && bare.length > 4096) return "Bad Request: message is too long";
  if (caption !== undefined && bare.length > 1024) return "Bad Request: message caption is too long";
  return mode === "HTML" ? htmlProblem(given) : null;
};

const htmlProblem = (html: string): string | null => {
  const open: string[] = [];
  for (const [, slash, name = ""] of html.matchAll(/<(\/?)([^\s>/]*)[^>]*>/g)) {
    if (!tags.test(name)) return `Bad Request: can't parse entities: Unsupported start tag "${name}"`;
    if (slash === "") open.push(name);
    else if (open.pop() !== name) return "Bad Request: can't parse entities: Unmatched end tag";
  }
  return open.length > 0 ? "Bad Request: can't parse entities: Can't find end tag" : null;
};

/** Why Telegram refuses buttons. */
export const markupProblem = (markup: unknown): string | null => {
  const { inline_keyboard: rows = [] } = (markup ?? {}) as {
    readonly inline_keyboard?: readonly (readonly { readonly callback_data?: string }[])[];
  };
  const isLong = rows.flat().some(({ callback_data: data = "" }) => Buffer.byteLength(data) > 64);
  return isLong ? "Bad Request: BUTTON_DATA_INVALID" : null;
};
