import { html } from "hono/html";
import type { ResponseFrame } from "@nc/cli-scope";
import { countText, emptyOf, said, tabsOf, type Html } from "./parts.ts";
import { plotOf, type Plot } from "./plot.ts";
import { tableOf, type Column } from "./tables.ts";
import { costIn, groupedBy, moneyText, sumOf, tokensIn, type LimitRow, type UsageRow } from "./usage-rows.ts";

export type UsageAnswers = {
  /** What was used on each day, by what the reader chose. */
  readonly list: ResponseFrame;
  readonly limits: ResponseFrame;
  /** How many days are shown. */
  readonly days: number;
  readonly by: UsageBy;
  /** ISO 8601, UTC. */
  readonly now: string;
};

/** The spans that a reader may choose, days. */
export const spans = [7, 30, 90] as const;

/** Whose usage a reader may choose. */
export const usageBy = ["group", "person", "model"] as const;
export type UsageBy = (typeof usageBy)[number];

const titles: Readonly<Record<UsageBy, string>> = { group: "Group", person: "Person", model: "Model" };

/** Most plots: of those with the most tokens. */
const mostPlots = 12;

/** The usage of a group, a person or a model. */
type Part = {
  readonly name: string;
  readonly rows: readonly UsageRow[];
  readonly limits: readonly LimitRow[];
};

/** What was used on each day, as plots and as numbers. */
export const usagePage = ({ list, limits, days, by, now }: UsageAnswers): Html => {
  const head = html`<div class="head">
    <h1>Usage</h1>
    <div class="actions">
      ${tabsOf(
        "By",
        usageBy.map((one) => ({
          path: `/usage?by=${one}&days=${days}`,
          title: `By ${one}`,
          isHere: one === by,
        })),
      )}
      ${tabsOf(
        "Days",
        spans.map((span) => ({
          path: `/usage?by=${by}&days=${span}`,
          title: `${span} days`,
          isHere: span === days,
        })),
      )}
    </div>
  </div>`;
  if (!list.ok) return html`${head}${said(list.error.message, true)}`;
  const rows = list.data as readonly UsageRow[];
  const parts = partsOf(rows, by, limits.ok ? (limits.data as readonly LimitRow[]) : []);
  if (parts.length === 0) return html`${head} ${emptyOf("No agent used a model in these days.")}`;
  const calendar = daysUntil(
    rows.reduce((last, { day }) => (day > last ? day : last), now.slice(0, 10)),
    days,
  );
  const all = { name: "Everything", rows, limits: [] };
  return html`${head} ${parts.length < 2 || rows.length === 0 ? "" : figureOf("all", all, calendar)}
    ${parts.slice(0, mostPlots).map((part, index) => figureOf(`${by}-${index}`, part, calendar))}
    ${
      parts.length <= mostPlots
        ? ""
        : html`<p class="quiet">
            These are the ${mostPlots} with the most tokens, of ${parts.length}. The table has all of them.
          </p>`
    }
    <section class="part" aria-labelledby="sums">
      <h2 id="sums">In these ${days} days</h2>
      ${sumsOf(by, parts)}
    </section>`;
};

/** With the most tokens first. A group with a limit is shown from its first day, also if it has used nothing. */
const partsOf = (rows: readonly UsageRow[], by: UsageBy, limits: readonly LimitRow[]): readonly Part[] => {
  const keyOf = (row: UsageRow): string => (by === "group" ? (row.agent_group_id ?? "") : (row[by] ?? ""));
  const limited = by === "group" ? limits : [];
  const rowsOf = groupedBy(rows, keyOf);
  const keys = [...new Set([...rowsOf.keys(), ...limited.map((limit) => limit.agent_group_id)])];
  return keys
    .map((key) => {
      const own = rowsOf.get(key) ?? [];
      const ownLimits = limited.filter((limit) => limit.agent_group_id === key);
      const name = own[0]?.[by] ?? ownLimits[0]?.group ?? key;
      return { name: name === "" ? "No person" : name, rows: own, limits: ownLimits };
    })
    .toSorted((one, other) => tokensIn(other.rows) - tokensIn(one.rows));
};

const figureOf = (id: string, { name, rows, limits }: Part, calendar: readonly string[]): Html => {
  const currency = currencyIn(rows) || (limits.find((limit) => limit.currency !== null)?.currency ?? "");
  const byDay = groupedBy(rows, ({ day }) => day);
  const on = (day: string): readonly UsageRow[] => byDay.get(day) ?? [];
  const limitOf = (limit: string): number | null => limits.find((one) => one.limit === limit)?.most ?? null;
  const plot = (
    what: string,
    limit: number | null,
    amount: (rows: readonly UsageRow[]) => number,
    textOf: Plot["textOf"],
    unit = "",
  ): Html =>
    plotOf({
      id: `${id}-${what.toLowerCase()}`,
      title: `${what} of ${name}${unit === "" ? "" : ` (${unit})`}`,
      limit,
      days: calendar.map((day) => ({ day, value: amount(on(day)) })),
      textOf,
      shortOf,
    });
  const [tokenLimit, moneyLimit] = [limitOf("max_tokens_per_day"), limitOf("max_cost_per_day")];
  const requestLimit = limitOf("max_requests_per_day");
  const hasMoney = rows.some(({ cost }) => cost !== null) || moneyLimit !== null;
  return html`<section class="box" aria-labelledby="${id}-name">
    <h2 id="${id}-name">${name}</h2>
    <div class="plots">
      ${plot("Tokens", tokenLimit, tokensIn, (value) => `${countText(value)} tokens`)}
      ${
        hasMoney
          ? plot(
              "Money",
              moneyLimit,
              (own) => costIn(own) ?? 0,
              (value) => `${moneyText(value)} ${currency}`.trimEnd(),
              currency,
            )
          : ""
      }
      ${
        requestLimit === null
          ? ""
          : plot(
              "Requests",
              requestLimit,
              (own) => sumOf(own, ({ requests }) => requests),
              (value) => `${countText(value)} requests`,
            )
      }
    </div>
    ${
      rows.length === 0
        ? ""
        : html`<details>
            <summary>The numbers of each day</summary>
            ${tableOf(
              {
                title: `The numbers of ${name}`,
                columns: [
                  { label: "Day", of: ({ day }: { readonly day: string }) => day },
                  ...numbersOf(({ day }: { readonly day: string }) => on(day), hasMoney),
                ],
                empty: "",
              },
              calendar
                .toReversed()
                .filter((day) => on(day).length > 0)
                .map((day) => ({ day })),
            )}
          </details>`
    }
  </section>`;
};

/** A table of the sums, for who reads rather than looks. */
const sumsOf = (by: UsageBy, parts: readonly Part[]): Html => {
  const hasMoney = parts.some(({ rows }) => costIn(rows) !== null);
  return tableOf<Part>(
    {
      title: `Usage by ${by}`,
      columns: [
        { label: titles[by], of: ({ name }) => name },
        ...numbersOf(({ rows }: Part) => rows, hasMoney),
      ],
      empty: "",
    },
    parts,
  );
};

const numbersOf = <R>(rowsOf: (row: R) => readonly UsageRow[], hasMoney: boolean): readonly Column<R>[] => {
  const number = (label: string, of: (rows: readonly UsageRow[]) => string): Column<R> => ({
    label,
    of: (row) => of(rowsOf(row)),
    isNumber: true,
  });
  return [
    number("Requests", (rows) => countText(sumOf(rows, ({ requests }) => requests))),
    number("Input", (rows) => countText(sumOf(rows, ({ input_tokens: input }) => input))),
    number("Output", (rows) => countText(sumOf(rows, ({ output_tokens: output }) => output))),
    ...(hasMoney ? [number("Money", moneyIn)] : []),
  ];
};

/** The money is the least if some requests had no price. */
const moneyIn = (rows: readonly UsageRow[]): string => {
  const cost = costIn(rows);
  const least = rows.some(({ unpriced_requests: unpriced }) => unpriced > 0) ? "at least " : "";
  return cost === null ? "unknown" : `${least}${moneyText(cost)} ${currencyIn(rows)}`.trimEnd();
};

const currencyIn = (rows: readonly UsageRow[]): string =>
  rows.find((row) => row.currency !== null)?.currency ?? "";

/** `1.5k`, `20M`, `0.5` */
const shortOf = (value: number): string => {
  const [size, unit] =
    value >= 1e9 ? [1e9, "G"] : value >= 1e6 ? [1e6, "M"] : value >= 1e3 ? [1e3, "k"] : [1, ""];
  return `${Number((value / size).toPrecision(3))}${unit}`;
};

/** The days up to `last`, YYYY-MM-DD, in their order. */
const daysUntil = (last: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) =>
    new Date(Date.parse(`${last}T00:00:00Z`) - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  );
