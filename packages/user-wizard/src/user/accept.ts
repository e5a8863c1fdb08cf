/**
 * Checks one value of the file or of an answer. Returns the value to keep, or undefined if it is not valid.
 */
export type Accept<T> = (value: unknown) => T | undefined;

/** Also matches noncharacters (U+FFFE): js-yaml 4.3.2 refuses a text that has one. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u;
const shellCharacters = /[`$\\|;&<>]/;

export const wholeNumber =
  (min: number, max: number = Number.MAX_SAFE_INTEGER): Accept<number> =>
  (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : undefined;

export const positiveNumber: Accept<number> = (value) =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;

export const oneOf =
  <T extends string>(words: readonly T[]): Accept<T> =>
  (value) =>
    typeof value === "string" ? words.find((word) => word === value.trim().toLowerCase()) : undefined;

export const trueOrFalse: Accept<boolean> = (value) => (typeof value === "boolean" ? value : undefined);

const trimmed = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;

export const matching =
  (pattern: RegExp): Accept<string> =>
  (value) => {
    const text = trimmed(value);
    return text !== undefined && pattern.test(text) ? text : undefined;
  };

/**
 * A name for people to read: any script and most marks, but nothing that a terminal or a shell would act on.
 */
export const displayName: Accept<string> = (value) => {
  const text = trimmed(value);
  if (text === undefined || text.length > 100) return undefined;
  return unprintable.test(text) || shellCharacters.test(text) ? undefined : text;
};

/**
 * `getent passwd 1000` and `sudo -u 1000` mean the account with that uid, so a name may not be digits only. In a sudo rule a
 * name of capitals, digits and `_` means every account (`ALL`) or an alias (sudoers(5), 1.9.13).
 */
export const accountName: Accept<string> = matching(
  /^(?!\d+$|[A-Z][A-Z0-9_]*$)[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/,
);

export const folderPath: Accept<string> = (value) => {
  const text = trimmed(value);
  if (text === undefined || text.length > 1024 || unprintable.test(text)) return undefined;
  return /^(\/|~$|~\/)/.test(text) && !text.split("/").includes("..") ? text : undefined;
};

const repository = matching(/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/);

/** Removes repeated repositories and keeps the order. */
export const repositories: Accept<readonly string[]> = (value) => {
  if (!Array.isArray(value) || value.length > 1_000) return undefined;
  const names = value.map(repository);
  const known = names.filter((name) => name !== undefined);
  return known.length === names.length && new Set(known).size === known.length ? known : undefined;
};

/** 0, or a number from 50,000 to 1,000,000. */
export const contextWindow: Accept<number> = (value) =>
  value === 0 ? 0 : wholeNumber(50_000, 1_000_000)(value);

/** The id of a Telegram chat. Groups have negative ids. */
export const chatId: Accept<number> = (value) =>
  value === 0 ? undefined : wholeNumber(Number.MIN_SAFE_INTEGER)(value);
