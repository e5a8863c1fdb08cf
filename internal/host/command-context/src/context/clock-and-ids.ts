/** The time as ISO 8601 in UTC, and unique ids for new rows. */
export type ClockAndIds = {
  readonly now: () => string;
  /** `id("ag")` is `ag-<uuid>`. */
  readonly id: (prefix: string) => string;
};
