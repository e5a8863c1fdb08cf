import { isSecretName, looksSecret } from "./secret-words.ts";

/** The parts of an address. Joined, they are the same text again: nothing is decoded. */
export type AddressParts = {
  /** `https://` */
  readonly scheme: string;
  /** With a user and password before `@`, if there are any. */
  readonly authority: string;
  readonly path: string;
  /** With its `?`. */
  readonly query: string;
  /** With its `#`. */
  readonly fragment: string;
};

/** Splits an address as text; null if the text is not an address. */
export const addressParts = (url: string): AddressParts | null => {
  const found = /^([a-z][a-z\d+.-]*:\/\/)([^/?#]*)([^?#]*)((?:\?[^#]*)?)((?:#.*)?)$/isu.exec(url);
  if (found === null) return null;
  const [, scheme = "", authority = "", path = "", query = "", fragment = ""] = found;
  return { scheme, authority, path, query, fragment };
};

/** A piece of a path or query, between `/`, `&` and `;`: a name and a value, or a value alone. */
export type Piece = { readonly name: string | null; readonly value: string };

export const pieceOf = (text: string): Piece => {
  const at = text.indexOf("=");
  return at < 0 ? { name: null, value: text } : { name: text.slice(0, at), value: text.slice(at + 1) };
};

/**
 * True if the value of a piece is a secret: by its name, by its form, or by a secret parameter or sign-in
 * within it.
 */
export const isSecretPiece = ({ name, value }: Piece): boolean => {
  if (value === "") return false;
  const text = decoded(value);
  const within = text.split(/[?&;,]/u).map(pieceOf);
  return (
    (name !== null && isSecretName(decoded(name))) ||
    looksSecret(text) ||
    /:\/\/[^/?#]*@/u.test(text) ||
    within.some((inner) => inner.name !== null && isSecretName(inner.name))
  );
};

/** Decodes `%2F` to `/`. Broken escapes stay as they are. */
const decoded = (text: string): string =>
  text.replace(/(?:%[\da-f]{2})+/giu, (escapes) =>
    /^(?:%[0-7][\da-f])+$/iu.test(escapes) ? decodeURIComponent(escapes) : escapes,
  );
