import { base64Forms } from "./base64.ts";
import { drawnText } from "./flatten.ts";
import { createGrams, type Grams } from "./grams.ts";
import { isPath } from "./secret-names.ts";

/** Finds pieces of known secrets in a text. */
export type KnownSecrets = {
  /** For a text without escape sequences. */
  readonly inWords: Grams;
  /** For a text with only the drawn characters. */
  readonly inDrawn: Grams;
};

/** Minimum length of a piece of a secret: a shorter one may be a word. */
const shortestPiece = 12;

/** Minimum length of a piece beside "…". */
const shortestCut = 6;

/** At most this much of one secret is searched for (UTF-16 units), since each of its pieces takes memory. */
const mostOfOne = 32_768;

/** Minimum length in a text without rows and blanks: a shorter secret would be found inside other texts. */
const shortestDrawn = 8;

export const knownSecrets = (secrets: readonly string[]): KnownSecrets => {
  const forms = [...new Set(secrets.flatMap(formsOf))];
  const drawn = forms.map(drawnText).filter(({ length }) => length >= shortestDrawn);
  return { inWords: gramsOf(forms), inDrawn: gramsOf(drawn) };
};

/**
 * The forms in which one secret may be written: as it is, for an address, as JSON, as base64. The scheme of
 * an address is left out.
 */
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

/**
 * Every piece of twelve characters, since a row or a box may cut a secret anywhere. For a path only its end, and the
 * whole path.
 */
const gramsOf = (forms: readonly string[]): Grams => {
  const pieces = forms.flatMap((form) => {
    if (isPath(form)) return [form, form.slice(-shortestPiece)];
    const last = Math.max(0, form.length - shortestPiece);
    return Array.from({ length: last + 1 }, (_, at) => form.slice(at, at + shortestPiece));
  });
  const secret = forms.filter((form) => !isPath(form));
  return createGrams(pieces, { before: cutsOf(secret, "start"), after: cutsOf(secret, "end") });
};

/** The beginnings or ends of secrets that may appear beside "…". */
const cutsOf = (forms: readonly string[], side: "start" | "end"): readonly string[] =>
  forms.flatMap((form) =>
    Array.from({ length: shortestPiece - shortestCut }, (_, more) => shortestCut + more)
      .filter((size) => size < form.length)
      .map((size) => (side === "start" ? form.slice(0, size) : form.slice(-size))),
  );
