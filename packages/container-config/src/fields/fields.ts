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

/** The values of a new configuration. */
export const initialSettings: Settings = Object.fromEntries(
  fieldNames.map((name) => [name, fields[name].initial]),
) as Settings;
