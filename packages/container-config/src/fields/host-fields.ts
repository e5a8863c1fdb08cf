import type { Entries, Scalars } from "../container-config.ts";
import type { Need } from "./field.ts";
import { entryNames, fieldNames, fields, initialSettings, type Settings } from "./fields.ts";

/**
 * The part of a zod schema that a field needs, of any zod or written by hand. A message continues the field's
 * name ("is below 64") and does not hold the value, which may be a secret.
 */
export type Parser<Value> = {
  readonly safeParse: (value: unknown) => Parsed<Value>;
};

export type Parsed<Value> =
  | { readonly success: true; readonly data: Value }
  | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };

export type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

/** The column type of a value. `json`: lists, maps and booleans, as JSON text. */
export type ColumnKind = "text" | "integer" | "double precision" | "json";

/** A field that a host adds to every configuration. It may be unset if its initial value is null. */
export type HostField<Value> = {
  /** Checks a value, and returns it in one form. Never called with null. */
  readonly check: Parser<NonNullable<Value>>;
  /** Its column in `container_configs`, which `addFieldColumns` makes. */
  readonly column: ColumnKind;
  readonly needs: Need;
  /** Its key in container.json; null if only the host uses it. */
  readonly file: string | null;
  /** The value in a new configuration, in configurations older than the field, and after unsetting. */
  readonly initial: Value;
};

/** A host without fields of its own. */
export type NoFields = Record<never, never>;

/**
 * The fields of a configuration: the package's, and the host's own. `Own` are the values of the host's
 * fields.
 */
export type ConfigFields<Own extends object = NoFields> = {
  readonly own: { readonly [Name in keyof Own]: HostField<Own[Name]> };
  readonly names: readonly (keyof (Settings & Own) & string)[];
  /** The values of a new configuration. */
  readonly initial: Settings & Own;
};

/** `ConfigFields` without the types of the host's fields. */
export type AnyFields = {
  readonly own: object;
  readonly names: readonly string[];
  readonly initial: Settings;
};

/** The fields of this package alone. */
export const packageFields: ConfigFields = { own: {}, names: fieldNames, initial: initialSettings };

/**
 * Adds a host's fields to those of this package. All calls for one database must use the same fields. Throws
 * if a row is wrong: a name that is taken or cannot be a column, a key of container.json that is taken, an
 * initial value that its own check refuses.
 */
export const withHostFields = <Rows extends Readonly<Record<string, HostField<unknown>>>>(
  own: Rows & { readonly [Name in keyof Rows]: HostField<ValueOf<Rows[Name]>> },
): ConfigFields<ValuesOf<Rows>> => {
  const rows: readonly Row[] = Object.entries(own);
  for (const [index, [name, field]] of rows.entries()) {
    const problem = problemOf(name, field, rows.slice(0, index));
    if (problem !== null) throw new TypeError(`The field ${JSON.stringify(name)} ${problem}`);
  }
  const initial = Object.fromEntries(rows.map(([name, field]) => [name, field.initial]));
  const fieldsOfAll: AnyFields = {
    own,
    names: [...fieldNames, ...Object.keys(own)],
    initial: { ...initialSettings, ...initial },
  };
  return fieldsOfAll as ConfigFields<ValuesOf<Rows>>;
};

/** The values of a host's fields, by the checks and initial values of their rows. */
export type ValuesOf<Rows> = { readonly [Name in keyof Rows]: ValueOf<Rows[Name]> };

type ValueOf<Row> = Row extends { readonly check: Parser<infer Value>; readonly initial: infer Initial }
  ? Value | (null extends Initial ? null : never)
  : never;

type Row = readonly [name: string, field: HostField<unknown>];

const rowNames: readonly string[] = [...fieldNames, "agent_group_id", "generation", "updated_at"];

/** The keys that container.json already has. */
const fileKeys: readonly string[] = [
  "agentGroupId",
  "groupName",
  "notApplied",
  ...fieldNames.flatMap((name) => fields[name].file?.split(".")[0] ?? []),
];

const problemOf = (
  name: string,
  { check, file, initial }: HostField<unknown>,
  before: readonly Row[],
): string | null => {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) return "is no name of a column: lower case, digits, _";
  if (rowNames.includes(name)) return "is one of this package";
  if (file !== null && !/^[A-Za-z][A-Za-z0-9]*$/.test(file)) return "has a file key of other than letters";
  if (file !== null && [...fileKeys, ...before.map(([, other]) => other.file)].includes(file))
    return `has the key ${file} of container.json, which is taken`;
  if (initial !== null && !check.safeParse(initial).success) return "refuses its own initial value";
  return null;
};

/** A field of this package; undefined for one of the host. */
export const packageField = (name: string): (typeof fields)[keyof Settings] | undefined =>
  Object.hasOwn(fields, name) ? fields[name as keyof Settings] : undefined;

/** A field of the host; undefined if it has none of this name. */
export const hostField = ({ own }: AnyFields, name: string): HostField<unknown> | undefined =>
  Object.hasOwn(own, name) ? (own as Readonly<Record<string, HostField<unknown>>>)[name] : undefined;

/** The need of a change of the field, and its key in container.json. */
export const factsOf = (
  set: AnyFields,
  name: string,
): { readonly needs: Need; readonly file: string | null } => {
  const field = packageField(name) ?? hostField(set, name);
  if (field === undefined) throw new TypeError(`There is no field ${name}`);
  return field;
};

/** The fields whose columns are JSON text. */
export const jsonNames = (set: AnyFields): readonly (keyof Entries)[] => {
  const own = Object.keys(set.own).filter((name) => hostField(set, name)?.column === "json");
  return [...entryNames, ...(own as (keyof Entries)[])];
};

/** The fields that `checkScalars` accepts: the single values, and all fields of the host. */
export const typedNames = (set: AnyFields, scalars: readonly (keyof Scalars)[]): readonly string[] => [
  ...scalars,
  ...Object.keys(set.own),
];
