import { base64Forms } from "./base64.ts";
import { drawnText } from "./flatten.ts";
import { createGrams, type Grams } from "./grams.ts";
import { isPath } from "./secret-names.ts";

/** Where pieces of known secrets stand in a text. */
export type KnownSecrets = {
  /** In a text without escape sequences. */
  readonly inWords: Grams;
  /** In one of which only the drawn characters are left. */
  readonly inDrawn: Grams;
};

/** A piece of a secret counts from so many characters on: a shorter one may be a word. */
const shortestPiece = 12;

/** With "…" beside it a shorter one does. */
const shortestCut = 6;

/** No more of one secret is looked for (UTF-16 units): each of its pieces takes memory. */
const mostOfOne = 32_768;

/** Without rows and blanks a shorter text is found in the middle of others. */
const shortestDrawn = 8;

export const knownSecrets = (secrets: readonly string[]): KnownSecrets => {
  const forms = [...new Set(secrets.flatMap(formsOf))];
  const drawn = forms.map(drawnText).filter(({ length }) => length >= shortestDrawn);
  return { inWords: gramsOf(forms), inDrawn: gramsOf(drawn) };
};

/** How one secret may be written: as it is, for an address, as JSON, as base64. The scheme of an address is none of it. */
const formsOf = (secret: string): readonly string[] => {
  const text = secret.slice(0, mostOfOne).replace(/^[a-z][a-z\d+.-]{0,30}:\/\//iu, "");
  if (text.length < shortestDrawn || isPath(text)) return text === "" ? [] : [text];
  const encoded = base64Forms(text).filter(({ length }) => length >= shortestDrawn);
  return [
    text,
    encodeURIComponent(text.replace(/\p{Surrogate}/gu, "")),
    JSON.stringify(text).slice(1, -1),
    ...encoded,
    ...encoded.map((form) => form.replaceAll("+", "-").replaceAll("/", "_")),
  ];
};

/** Every piece of twelve characters: a row or a box may cut a secret anywhere. Of a path only its end, and the whole. */
const gramsOf = (forms: readonly string[]): Grams => {
  const pieces = forms.flatMap((form) => {
    if (isPath(form)) return [form, form.slice(-shortestPiece)];
    const last = Math.max(0, form.length - shortestPiece);
    return Array.from({ length: last + 1 }, (_, at) => form.slice(at, at + shortestPiece));
  });
  const secret = forms.filter((form) => !isPath(form));
  return createGrams(pieces, { before: cutsOf(secret, "start"), after: cutsOf(secret, "end") });
};

/** The beginnings or ends of secrets that "…" may stand beside. */
const cutsOf = (forms: readonly string[], side: "start" | "end"): readonly string[] =>
  forms.flatMap((form) =>
    Array.from({ length: shortestPiece - shortestCut }, (_, more) => shortestCut + more)
      .filter((size) => size < form.length)
      .map((size) => (side === "start" ? form.slice(0, size) : form.slice(-size))),
  );
