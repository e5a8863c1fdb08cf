import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import { said, type Html } from "./page.ts";
import { plotOf, type Plot } from "./plot.ts";
import { tableOf, type Row } from "./tables.ts";

/** A row of `usage list`. */
type UsageRow = {
  readonly day: string;
  readonly group: string;
  readonly requests: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost: number | null;
  readonly currency: string | null;
  readonly unpriced_requests: number;
  readonly agent_group_id: string;
};

/** A row of `usage limits`. */
type LimitRow = { readonly limit: string; readonly most: number; readonly agent_group_id: string };

export type UsageAnswers = {
  readonly list: ResponseFrame;
  readonly limits: ResponseFrame;
  /** How many days are shown. */
  readonly days: number;
  /** ISO 8601, UTC. */
  readonly now: string;
};

/** The spans that a reader may choose, days. */
export const spans = [7, 30, 90] as const;

/** Most groups with a plot of their own: those with the most tokens. */
const mostPlots = 12;

/** What each group used on each day, as plots and as numbers. */
export const usagePage = ({ list, limits, days, now }: UsageAnswers): Html => {
  const head = html`<h1>Usage</h1>
    <nav class="spans" aria-label="Days">
      ${spans.map(
        (span) =>
          html`<a href="/usage?days=${span}" ${span === days ? html`aria-current="page"` : ""}
            >${span} days</a
          >`,
      )}
    </nav>`;
  if (!list.ok) return html`${head}${said(list.error.message, true)}`;
  const rows = list.data as readonly UsageRow[];
  const limited = limits.ok ? (limits.data as readonly LimitRow[]) : [];
  if (rows.length === 0)
    return html`${head}
      <p class="quiet">No agent used a model in these days.</p>`;
  const calendar = daysUntil(
    rows.reduce((last, { day }) => (day > last ? day : last), now.slice(0, 10)),
    days,
  );
  const groups = [...new Set(rows.map(({ agent_group_id: id }) => id))]
    .map((id) => ({ id, rows: rows.filter((row) => row.agent_group_id === id) }))
    .toSorted((one, other) => tokensIn(other.rows) - tokensIn(one.rows));
  return html`${head}
  ${groups.length < 2 ? "" : figureOf({ id: "all", title: "All groups", rows, limits: [], calendar })}
  ${groups.slice(0, mostPlots).map((group, index) =>
    figureOf({
      id: `group-${index}`,
      title: group.rows[0]?.group ?? group.id,
      rows: group.rows,
      limits: limited.filter(({ agent_group_id: id }) => id === group.id),
      calendar,
    }),
  )}
  ${
    groups.length <= mostPlots
      ? ""
      : html`<p class="quiet">
          These are the ${mostPlots} groups with the most tokens, of ${groups.length}. All of them:
          <code>ncl usage list --days ${days}</code>
        </p>`
  }`;
};

type Figure = {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly UsageRow[];
  readonly limits: readonly LimitRow[];
  readonly calendar: readonly string[];
};

const figureOf = ({ id, title, rows, limits, calendar }: Figure): Html => {
  const currency = rows.find((row) => row.currency !== null)?.currency ?? "";
  const hasMoney = rows.some(({ cost }) => cost !== null);
  const on = (day: string): readonly UsageRow[] => rows.filter((row) => row.day === day);
  const limitOf = (name: string): number | null => limits.find(({ limit }) => limit === name)?.most ?? null;
  const tokens: Plot = {
    id: `${id}-tokens`,
    title: `Tokens of ${title}`,
    limit: limitOf("max_tokens_per_day"),
    days: calendar.map((day) => ({ day, value: tokensIn(on(day)) })),
    textOf: (value) => `${countText(value)} tokens`,
  };
  const money: Plot = {
    id: `${id}-money`,
    title: `Money of ${title}`,
    limit: limitOf("max_cost_per_day"),
    days: calendar.map((day) => ({ day, value: costIn(on(day)) ?? 0 })),
    textOf: (value) => `${moneyText(value)} ${currency}`.trimEnd(),
  };
  const numbers = calendar
    .toReversed()
    .filter((day) => on(day).length > 0)
    .map((day) => numbersOf(day, on(day), currency));
  const columns = ["day", "requests", "input", "output", ...(hasMoney ? ["money"] : [])];
  return html`<section class="usage" aria-labelledby="${id}-name">
    <h2 id="${id}-name">${title}</h2>
    <div class="plots">${plotOf(tokens)}${hasMoney ? plotOf(money) : ""}</div>
    <details>
      <summary>The numbers</summary>
      ${tableOf({ title: `The numbers of ${title}`, columns, empty: "" }, numbers)}
    </details>
  </section>`;
};

/** The money is the least if some requests had no price. */
const numbersOf = (day: string, rows: readonly UsageRow[], currency: string): Row => {
  const cost = costIn(rows);
  const least = rows.some(({ unpriced_requests: unpriced }) => unpriced > 0) ? "at least " : "";
  return {
    day,
    requests: countText(sumOf(rows, ({ requests }) => requests)),
    input: countText(sumOf(rows, ({ input_tokens: input }) => input)),
    output: countText(sumOf(rows, ({ output_tokens: output }) => output)),
    money: cost === null ? "unknown" : `${least}${moneyText(cost)} ${currency}`.trimEnd(),
  };
};

const sumOf = (rows: readonly UsageRow[], amount: (row: UsageRow) => number): number =>
  rows.reduce((sum, row) => sum + amount(row), 0);

const tokensIn = (rows: readonly UsageRow[]): number =>
  sumOf(rows, ({ input_tokens: input, output_tokens: output }) => input + output);

/** Null if no request had a price. */
const costIn = (rows: readonly UsageRow[]): number | null =>
  rows.every(({ cost }) => cost === null) ? null : sumOf(rows, ({ cost }) => cost ?? 0);

/** The days up to `last`, YYYY-MM-DD, in their order. */
const daysUntil = (last: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) =>
    new Date(Date.parse(`${last}T00:00:00Z`) - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  );

const countText = (count: number): string => count.toLocaleString("en");

const moneyText = (amount: number): string =>
  amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
