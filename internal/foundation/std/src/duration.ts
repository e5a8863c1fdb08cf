const day = 86_400_000;
/** Lengths of the units, ms, by each of their spellings. */
const units: Readonly<Record<string, number>> = {
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: day,
  w: 7 * day,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  hr: 3_600_000,
  day,
  week: 7 * day,
};

/** Reads a duration such as `90m`, `24 hours` or `7d`. Returns ms; null for a text of another form. */
export const durationOf = (text: string): number | null => {
  const [, count, unit = ""] = /^(\d{1,6})\s*([a-z]{1,7}|[SHDW])$/.exec(text) ?? [];
  const ms = units[unit.toLowerCase()] ?? units[unit.replace(/(?<=...)s$/, "")];
  return count === undefined || ms === undefined ? null : Number(count) * ms;
};
