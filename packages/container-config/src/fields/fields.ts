import type { Entries, Scalars } from "../container-config.ts";
import { entryFields } from "./entry-fields.ts";
import type { Field } from "./field.ts";
import { scalarFields } from "./scalar-fields.ts";

/** The part of a configuration that can be changed. */
export type Settings = Scalars & Entries;

/** All fields by name. */
export const fields: { readonly [Name in keyof Settings]: Field<Settings[Name]> } = {
  ...scalarFields,
  ...entryFields,
};

export const scalarNames = Object.keys(scalarFields) as readonly (keyof Scalars)[];
export const entryNames = Object.keys(entryFields) as readonly (keyof Entries)[];
export const fieldNames: readonly (keyof Settings)[] = [...scalarNames, ...entryNames];

/** A flag of `ncl groups config update`: its properties are those of a flag of @nc/cli-scope. */
export type SettingFlag = {
  readonly [Name in keyof Scalars]: {
    readonly name: Name;
    readonly type: Scalars[Name] extends string | null ? "string" : "integer" | "number";
    readonly description: string;
    readonly values?: readonly string[];
    readonly escalates?: true;
  };
}[keyof Scalars];

/** A flag for each single value, in the order of the fields. */
export const settingFlags: readonly SettingFlag[] = scalarNames.map((name) => {
  const { type, help: description, values, escalates } = scalarFields[name];
  return {
    name,
    type,
    description,
    ...(values === undefined ? {} : { values }),
    ...(escalates === undefined ? {} : { escalates }),
  } as SettingFlag;
});

/** The values of a new configuration. */
export const initialSettings: Settings = Object.fromEntries(
  fieldNames.map((name) => [name, fields[name].initial]),
) as Settings;
