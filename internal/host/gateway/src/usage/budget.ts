/** The formats of dates by their timezones. To make one takes 0.1 ms, and each request of a model needs one. */
const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const numeric = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  // The Swedish form of a date is that of ISO 8601.
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat("sv-SE", { ...numeric, timeZone });
  formats.set(timeZone, format);
  return format;
};

/** The date in a timezone, YYYY-MM-DD. Null: the machine's timezone. */
export const dayOf = (now: Date, timezone: string | null): string => {
  if (timezone !== null) return formatOf(timezone).format(now);
  const [month, day] = [now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0"));
  return `${now.getFullYear()}-${month}-${day}`;
};

/** The unit of a limit. `cost`: millionths of the currency. */
export type Counts = { readonly requests: number; readonly tokens: number; readonly cost: number };

/** One limit of a day. */
export type Limit = {
  /** The name by which it is set: `max_tokens_per_day`. */
  readonly field: string;
  readonly counts: keyof Counts;
  /** In the unit of `Counts`. */
  readonly most: number;
};

/** The day of a group or person, and its limits. */
export type Budget = {
  readonly kind: "group" | "person";
  readonly id: string;
  /** The name for sentences. */
  readonly name: string;
  /** YYYY-MM-DD in the timezone. */
  readonly day: string;
  /** Null: the machine's. */
  readonly timezone: string | null;
  readonly limits: readonly Limit[];
};

type Limits = {
  readonly maxRequests: number | null;
  readonly maxTokens: number | null;
  /** Millionths of the currency. */
  readonly maxCost: number | null;
};

/** The limits that are set. `costField` is the name of the limit of money. */
export const limitsOf = (
  { maxRequests, maxTokens, maxCost }: Limits,
  costField = "max_cost_per_day",
): readonly Limit[] => [
  ...(maxRequests === null
    ? []
    : [{ field: "max_requests_per_day", counts: "requests", most: maxRequests } as const]),
  ...(maxTokens === null
    ? []
    : [{ field: "max_tokens_per_day", counts: "tokens", most: maxTokens } as const]),
  ...(maxCost === null ? [] : [{ field: costField, counts: "cost", most: maxCost } as const]),
];

/** The limit of money of the first budget that has one; null without any. */
export const moneyLimit = (
  budgets: readonly Budget[],
): { readonly budget: Budget; readonly limit: Limit } | null => {
  for (const budget of budgets) {
    const limit = budget.limits.find(({ counts }) => counts === "cost");
    if (limit !== undefined) return { budget, limit };
  }
  return null;
};

/** The limit that these counts would exceed; null if they exceed none. */
export const exceeded = ({ limits }: Budget, sums: Counts, added: Counts): Limit | null =>
  limits.find(({ counts, most }) => sums[counts] + added[counts] > most) ?? null;

/** The part of a limit of which owners are told. */
const toldFrom = 0.8;

/** The limits of which 80 % are used. */
export const nearLimits = ({ limits }: Budget, sums: Counts): readonly Limit[] =>
  limits.filter(({ counts, most }) => sums[counts] >= toldFrom * most);
