import { addressParts, isSecretPiece, pieceOf } from "./address-parts.ts";
import { isKnownToken, isSecretName, looksSecret } from "./secret-words.ts";

/** Replaces a secret in a shown value. */
export const hidden = "(hidden)";

/** An address without its sign-in, the values of secret parameters, and the part after `#`. */
export const shownAddress = (url: string): string => {
  const parts = addressParts(url);
  if (parts === null) return hidden;
  const { scheme, authority, path, query, fragment } = parts;
  const at = authority.lastIndexOf("@");
  return [
    scheme,
    at < 0 ? authority : `${hidden}${authority.slice(at)}`,
    shownPieces(path, /([/;])/u),
    shownPieces(query, /([?&;])/u),
    fragment === "" ? "" : `#${hidden}`,
  ].join("");
};

const shownPieces = (text: string, separators: RegExp): string =>
  text
    .split(separators)
    .map((part) => {
      const piece = pieceOf(part);
      if (!isSecretPiece(piece)) return part;
      return piece.name === null ? hidden : `${piece.name}=${hidden}`;
    })
    .join("");

/**
 * Arguments without the values of secret flags and variables. A person who approves them must see which
 * program runs. So only plain words are hidden. A word after a flag is hidden only after the first argument
 * that is not a flag, because a runner such as npx runs that argument.
 */
export const shownArguments = (args: readonly string[]): readonly string[] => {
  const first = args.findIndex((arg) => !arg.startsWith("-"));
  return args.map((arg, at) => {
    const flag = args[at - 1] ?? "";
    const isValue = at - 1 > first && first >= 0 && flag.startsWith("-") && isSecretName(flag);
    if (isValue && isPlain(arg) && !arg.startsWith("-")) return hidden;
    // The package that a runner fetches may have any name, so its form alone does not hide it.
    return at === first && /^[\w.@/-]+$/.test(arg) && !isKnownToken(arg) ? arg : shownArgument(arg);
  });
};

const shownArgument = (arg: string): string => {
  if (/^[a-z][a-z\d+.-]*:\/\/\S+$/iu.test(arg)) return shownAddress(arg);
  const header = /^((?:--?[\w-]+=)?([\w-]+):) ?(?:(?:Bearer|Basic|Token) )?(\S+)$/iu.exec(arg);
  if (header !== null && isSecretName(header[2] ?? "") && isPlain(header[3] ?? ""))
    return `${header[1]} ${hidden}`;
  const { name, value } = pieceOf(arg);
  if (!isPlain(value)) return arg;
  if (name !== null && /^[\w-]+$/u.test(name) && isSecretName(name)) return `${name}=${hidden}`;
  return looksSecret(value) ? `${name === null ? "" : `${name}=`}${hidden}` : arg;
};

/** One word that means nothing to a shell and is not a path. */
const isPlain = (value: string): boolean => /^[\w.~+=:@%-][\w.~+/=:@%-]*$/u.test(value);
