import { isSecretName, looksSecret } from "./secret-words.ts";

/** An address in pieces that make it up again; the names of what may stand in it are not decoded. */
export type AddressParts = {
  /** `https://` */
  readonly scheme: string;
  /** With what may sign in there before `@`. */
  readonly authority: string;
  readonly path: string;
  /** With its `?`. */
  readonly query: string;
  /** With its `#`. */
  readonly fragment: string;
};

/** Takes an address apart as text; null for what is none. */
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

/** True for a piece whose value must not be seen: by its name, its looks, or what is named or signs in within it. */
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

/** Text with its `%2F` as `/`; as it is where an escape is broken. */
const decoded = (text: string): string =>
  text.replace(/(?:%[\da-f]{2})+/giu, (escapes) =>
    /^(?:%[0-7][\da-f])+$/iu.test(escapes) ? decodeURIComponent(escapes) : escapes,
  );
