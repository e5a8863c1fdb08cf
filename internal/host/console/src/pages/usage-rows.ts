import { countText } from "./parts.ts";

/** A row of `usage list`. */
export type UsageRow = {
  readonly day: string;
  readonly group?: string;
  readonly person?: string;
  readonly model?: string;
  readonly requests: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost: number | null;
  readonly currency: string | null;
  readonly unpriced_requests: number;
  readonly agent_group_id?: string;
};

/** A row of `usage limits`. */
export type LimitRow = {
  readonly group: string;
  readonly limit: string;
  readonly most: number;
  readonly used: number;
  readonly currency: string | null;
  readonly agent_group_id: string;
};

export const sumOf = (rows: readonly UsageRow[], amount: (row: UsageRow) => number): number =>
  rows.reduce((sum, row) => sum + amount(row), 0);

export const tokensIn = (rows: readonly UsageRow[]): number =>
  sumOf(rows, ({ input_tokens: input, output_tokens: output }) => input + output);

/** Null if no request had a price. */
export const costIn = (rows: readonly UsageRow[]): number | null =>
  rows.every(({ cost }) => cost === null) ? null : sumOf(rows, ({ cost }) => cost ?? 0);

// Number.toLocaleString makes a formatter at each call: with 1,000 sessions that took a sixth of the page.
const money = new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const moneyText = (amount: number): string => money.format(amount);

/** The rows by what `keyOf` says of each, in their order. */
export const groupedBy = <R>(
  rows: readonly R[],
  keyOf: (row: R) => string,
): ReadonlyMap<string, readonly R[]> => {
  const groups = new Map<string, R[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
};

const units: Readonly<Record<string, string>> = {
  max_requests_per_day: "requests",
  max_tokens_per_day: "tokens",
};

/** `12 of 100 requests`, `1.50 of 5.00 USD` */
export const limitText = ({ limit, used, most, currency }: LimitRow): string => {
  const unit = units[limit];
  return unit === undefined
    ? `${moneyText(used)} of ${moneyText(most)} ${currency ?? ""}`.trimEnd()
    : `${countText(used)} of ${countText(most)} ${unit}`;
};

/** What was used on a day without a limit. */
export const usedToday = (rows: readonly UsageRow[]): string => {
  if (rows.length === 0) return "nothing";
  const cost = costIn(rows);
  const currency = rows.find((row) => row.currency !== null)?.currency ?? "";
  const money = cost === null ? "" : `, ${moneyText(cost)} ${currency}`.trimEnd();
  return `${countText(tokensIn(rows))} tokens${money}`;
};
