import { fieldKeys, fieldOf, type FieldKey } from "../user/fields.ts";
import type { User } from "../user/user.ts";

/** The layout of a file's entries, for writing a new one in the same way. */
export type EntryStyle = {
  /** Columns before the dash. */
  readonly dash: number;
  /** Columns from the dash to the keys: 2 in `- name: Ada`. */
  readonly keys: number;
  /** Columns from a key to the dashes of a list below it. */
  readonly list: number;
  readonly lineEnd: string;
};

/** The entry as a block, without a line end after its last line. */
export const blockEntry = (user: User, style: EntryStyle): string => {
  const [before, inside] = [" ".repeat(style.dash), " ".repeat(style.keys)];
  const lines = written(user).flatMap(([key, value]) =>
    Array.isArray(value)
      ? [`${key}:`, ...value.map((item) => `${" ".repeat(style.list)}- ${scalarText(item)}`)]
      : [`${key}: ${scalarText(value)}`],
  );
  const indented = lines.map(
    (line, index) => before + (index === 0 ? "-".padEnd(style.keys) : inside) + line,
  );
  return indented.join(style.lineEnd);
};

/** The entry on one line, in braces. It is JSON, which is also YAML, so a JSON file stays JSON. */
export const flowEntry = (user: User): string =>
  `{${written(user)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(", ")}}`;

/** The fields to write. The role is always written, so that a reader need not know the default. */
const written = (user: User): readonly (readonly [FieldKey, unknown])[] =>
  fieldKeys.map((key) => [key, user[key]] as const).filter(([, value]) => isSaid(value));

const isSaid = (value: unknown): boolean => value !== null && !(Array.isArray(value) && value.length === 0);

/** Text stays plain if no version of YAML reads it as another type; all other text is quoted as in JSON. */
export const scalarText = (value: unknown): string =>
  typeof value === "string" && isPlain(value) ? value : JSON.stringify(value);

const plain = /^[A-Za-z/~](?:[A-Za-z0-9_./@-]| (?=[A-Za-z0-9_./@-]))*$/;

/**
 * Words that YAML 1.1 or 1.2 does not read as text, in any case; yaml 2.9.1 reads `E-0` as a number in its
 * 1.1 mode.
 */
const reserved = /^(?:~|null|true|false|yes|no|on|off|y|n|e[-+]?[0-9]*)$/i;

const isPlain = (text: string): boolean => plain.test(text) && !reserved.test(text);

/** One value as a plan shows it. */
export const shownValue = (key: FieldKey, value: unknown): string => {
  if (value === null) return fieldOf(key).kind === "list" ? "none" : "not set";
  return Array.isArray(value) ? value.join(", ") : String(value);
};
