/** A date or time, kept as it was written: a `Date` would lose its offset, and the local forms have no other type. */
export class TomlDate {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A value of a parsed TOML text. Integers are `bigint`, so that they can be written again as they were. */
export type TomlValue = string | number | bigint | boolean | TomlDate | readonly TomlValue[] | TomlTable;

/** A table. Parsed ones have no prototype, so that no key of a file is one of ours. */
export type TomlTable = { readonly [key: string]: TomlValue };
