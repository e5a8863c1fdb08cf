/** Limits of a team file. A larger file was not written for a launch. */
export const limits: {
  readonly fileCharacters: number;
  readonly depth: number;
  readonly members: number;
  readonly nameCharacters: number;
  readonly modelCharacters: number;
  readonly folderCharacters: number;
  readonly promptBytes: number;
  readonly problems: number;
} = {
  fileCharacters: 4 * 1024 * 1024,
  /** Levels of nesting; a team needs four. Deeper text would overflow the parser's stack. */
  depth: 32,
  /** Without the lead. */
  members: 999,
  nameCharacters: 64,
  modelCharacters: 200,
  folderCharacters: 4_096,
  /** In UTF-8. Linux limits one argument of a CLI to 128 KiB. */
  promptBytes: 100_000,
  /** Maximum number of problems that are reported for one file. */
  problems: 200,
};
