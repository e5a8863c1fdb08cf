import { fieldKeys, fieldOf, type FieldKey } from "../user/fields.ts";
import type { User } from "../user/user.ts";

/** How a file writes its entries: what a new one has to look like. */
export type EntryStyle = {
  /** Columns before the dash. */
  readonly dash: number;
  /** Columns from the dash to the keys: 2 in `- name: Ada`. */
  readonly keys: number;
  /** Columns from a key to the dashes of a list below it. */
  readonly list: number;
  readonly lineEnd: string;
};

/** The entry as a block, without a line end behind its last line. */
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

/** The entry on one line, between braces: JSON, which is YAML too, so that a file of JSON stays one. */
export const flowEntry = (user: User): string =>
  `{${written(user)
    .map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(", ")}}`;

/** What an entry says; a role is said in any case, so that nobody has to know the default. */
const written = (user: User): readonly (readonly [FieldKey, unknown])[] =>
  fieldKeys.map((key) => [key, user[key]] as const).filter(([, value]) => isSaid(value));

const isSaid = (value: unknown): boolean => value !== null && !(Array.isArray(value) && value.length === 0);

/** Text that no version of YAML takes for something else stands as it is; all other text is quoted as in JSON. */
export const scalarText = (value: unknown): string =>
  typeof value === "string" && isPlain(value) ? value : JSON.stringify(value);

const plain = /^[A-Za-z/~](?:[A-Za-z0-9_./@-]| (?=[A-Za-z0-9_./@-]))*$/;

/** Words that are no text in YAML 1.1 or 1.2, in any spelling; `E-0` is a number to yaml 2.9.1 in its 1.1 mode. */
const reserved = /^(?:~|null|true|false|yes|no|on|off|y|n|e[-+]?[0-9]*)$/i;

const isPlain = (text: string): boolean => plain.test(text) && !reserved.test(text);

/** One value as a person reads it in a plan. */
export const shownValue = (key: FieldKey, value: unknown): string => {
  if (value === null) return fieldOf(key).kind === "list" ? "none" : "not set";
  return Array.isArray(value) ? value.join(", ") : String(value);
};
