/** The date in a timezone, YYYY-MM-DD. Null: the machine's timezone. */
export const dayOf = (now: Date, timezone: string | null): string =>
  // The Swedish form of a date is that of ISO 8601.
  new Intl.DateTimeFormat("sv-SE", {
    ...{ year: "numeric", month: "2-digit", day: "2-digit" },
    ...(timezone === null ? {} : { timeZone: timezone }),
  }).format(now);
