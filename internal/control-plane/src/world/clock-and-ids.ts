/** What a new row needs of the outside: the time as ISO 8601 in UTC, and ids that nobody else has. */
export type ClockAndIds = {
  readonly now: () => string;
  /** `id("ag")` is `ag-<uuid>`. */
  readonly id: (prefix: string) => string;
};
