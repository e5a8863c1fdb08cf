/** A date or time as written. A `Date` would lose its offset, and the local forms have no other type. */
export class TomlDate {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value of a parsed TOML text. Integers are `bigint`, so they can be written again unchanged. */
export type TomlValue = string | number | bigint | boolean | TomlDate | readonly TomlValue[] | TomlTable;

/** A table. Parsed tables have no prototype, so a key of a file cannot collide with an inherited property. */
export type TomlTable = { readonly [key: string]: TomlValue };
