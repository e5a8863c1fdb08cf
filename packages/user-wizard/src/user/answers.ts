import { fieldKeys, fieldOf, type FieldKey } from "./fields.ts";
import { fail, ok, type Result } from "@gatehouse/std";
import type { User } from "./user.ts";
import { userIdsOf } from "./user-ids.ts";

/** The known fields of a new user. A missing field is inherited, or has its default. */
export type Answers = { readonly [Key in FieldKey]?: User[Key] };

export type BadAnswer = {
  readonly code: "bad-answer";
  readonly field: FieldKey;
  readonly found: string;
  readonly expects: string;
};
export type MissingAnswers = { readonly code: "missing-answers"; readonly fields: readonly FieldKey[] };

const words = new Map([
  ...["yes", "y", "true", "on"].map((word) => [word, true] as const),
  ...["no", "n", "false", "off"].map((word) => [word, false] as const),
]);

/**
 * Parses the text of a prompt or a flag into the value of its field. Empty text becomes null. Numbers are
 * decimal, lists have commas, yes-no takes yes, no, true, false, on, off. With `base`, an absolute path, a
 * folder may be relative to it.
 */
export const readAnswer = (field: FieldKey, text: string, base?: string): Result<unknown, BadAnswer> => {
  const { kind, accept, expects } = fieldOf(field);
  const typed = text.trim();
  if (typed === "") return ok(null);
  const values = {
    text: () => typed,
    digits: () => typed,
    number: () => (/^[-+]?\d+(?:\.\d+)?$/.test(typed) ? Number(typed) : typed),
    folder: () => folderBelow(base, typed),
    list: () => typed.split(",").map((item) => item.trim()),
    "yes-no": () => words.get(typed.toLowerCase()) ?? typed,
  };
  const value = accept(values[kind]());
  if (value === undefined) return fail({ code: "bad-answer", field, found: typed, expects });
  return ok(value);
};

/** Resolves `work` and `../work` against the base. `/work`, `~` and `~/work` stay as they are. */
const folderBelow = (base: string | undefined, typed: string): string => {
  if (base === undefined || typed === "" || /^(?:\/|~$|~\/)/.test(typed)) return typed;
  const names: string[] = [];
  for (const name of `${base}/${typed}`.split("/"))
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  return `/${names.join("/")}`;
};

/** The required fields that are still missing. Without any id it names all fields of ids: one of them is needed. */
export const missingAnswers = (answers: Answers): readonly FieldKey[] => {
  const hasId = userIdsOf(answers).length > 0;
  return fieldKeys.filter((key) => {
    const { needed } = fieldOf(key);
    return needed !== "no" && (answers[key] ?? null) === null && !(needed === "one-id" && hasId);
  });
};

/** Makes the entry from these answers, and checks every value again. */
export const entryOf = (answers: Answers): Result<User, readonly (BadAnswer | MissingAnswers)[]> => {
  const missing = missingAnswers(answers);
  const problems: (BadAnswer | MissingAnswers)[] =
    missing.length > 0 ? [{ code: "missing-answers", fields: missing }] : [];
  const values = fieldKeys.map((field) => {
    const said = answers[field] ?? null;
    const { accept, absent, expects } = fieldOf(field);
    const value = said === null ? absent : accept(said);
    if (value === undefined)
      problems.push({ code: "bad-answer", field, found: JSON.stringify(said), expects });
    return [field, value];
  });
  if (problems.length > 0) return fail(problems);
  return ok(Object.fromEntries(values) as User);
};
