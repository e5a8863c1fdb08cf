import { oneLine } from "@gatehouse/std";
import { millionths } from "../prices/price-table.ts";
import type { Budget, Counts, Limit } from "../usage/budget.ts";
import { finalRefusal, ownersRefusal, type Refusal } from "./refusal-messages.ts";

/** `the group Team`, or the name of a person. */
const ofText = ({ kind, name }: Budget): string => (kind === "group" ? `the group ${name}` : name);

/** The same at the beginning of a sentence. */
const whoseText = (budget: Budget): string => ofText(budget).replace(/^the group /, "The group ");

/** A count for people: money in units of the currency. */
const countText = ({ counts }: Pick<Limit, "counts">, count: number, currency: string | null): string =>
  counts === "cost" ? `${count / millionths}${currency === null ? "" : ` ${currency}`}` : String(count);

/** The command with which an operator raises a limit. */
const raiseText = ({ kind, id }: Budget, { field }: Limit): string => {
  if (field === "max_budget") return "max_budget in users.yaml";
  const command = kind === "group" ? "ncl groups config update" : "ncl users update";
  return `${command} ${id} --${field.replaceAll("_", "-")} N`;
};

/** The end of a day: `2026-11-25 00:00 (Europe/Berlin)`. */
export const dayEnd = ({ day, timezone }: Pick<Budget, "day" | "timezone">): string => {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
  return `${next} 00:00 (${timezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone})`;
};

type Reached = {
  readonly budget: Budget;
  readonly limit: Limit;
  /** The sums of the day without the refused request. */
  readonly sums: Counts;
  /** The estimate of the refused request. */
  readonly added: Counts;
  /** The estimate of the same request with an empty conversation. */
  readonly least: Counts;
  readonly currency: string | null;
};

/** What a sender may do about a request that is too large. */
const smaller = "with a smaller message or file, or in a new conversation: /clear";

/** The request does not fit into a limit of the day. What goes on, and when, depends on how much it lacks. */
export const limitReached = ({ budget, limit, sums, added, least, currency }: Reached): Refusal => {
  const count = (counts: number): string => countText(limit, counts, currency);
  const [asked, needed, used] = [added[limit.counts], least[limit.counts], sums[limit.counts]];
  const most = `${limit.field} ${count(limit.most)}`;
  const raise = `the operator raises the limit: ${raiseText(budget, limit)}`;
  const needs = used < limit.most ? `, and the smallest request is estimated at ${count(needed)}` : "";
  const spent = `of which ${count(used)} are used or reserved`;
  const cases = [
    {
      is: needed > limit.most,
      says: `Each request of this agent is estimated at ${count(needed)} or more, above the limit of ${ofText(budget)}: ${most}. It goes on when ${raise}`,
    },
    {
      is: asked > limit.most,
      says: `This request alone is estimated at ${count(asked)}, above the limit of ${ofText(budget)}: ${most}. No day has room for it. Go on ${smaller}; or ${raise}`,
    },
    {
      is: used + needed > limit.most,
      says: `${whoseText(budget)} has used up the day: ${most}, ${spent}${needs}. It goes on at ${dayEnd(budget)}, or ${raise}`,
    },
    {
      is: true,
      says: `This request is estimated at ${count(asked)}, and ${ofText(budget)} has ${count(limit.most - used)} left of the day: ${most}, ${spent}. Go on ${smaller}. This request goes on at ${dayEnd(budget)}, or ${raise}`,
    },
  ];
  return finalRefusal("billing_error", cases.find(({ is }) => is)?.says ?? "");
};

/** A limit that owners are told of, because of its use or of a refused request. */
type Noticed = Omit<Reached, "added" | "least"> & Partial<Pick<Reached, "added">>;

/** Owners are told once for each limit and day. */
export const noticeText = ({ budget, limit, sums, added, currency }: Noticed): string => {
  const used = sums[limit.counts];
  const percent = Math.floor((used / limit.most) * 100);
  const refused =
    added === undefined || used >= limit.most
      ? []
      : [`A request estimated at ${countText(limit, added[limit.counts], currency)} was refused.`];
  return [
    `${whoseText(budget)} has used ${percent} % of the day: ${countText(limit, used, currency)}`,
    `of ${limit.field} ${countText(limit, limit.most, currency)}.`,
    ...refused,
    `At 100 % requests are refused until ${dayEnd(budget)}.`,
    `To raise the limit: ${raiseText(budget, limit)}`,
  ].join(" ");
};

/** A limit of money needs the price of each model. */
export const noPrice = (budget: Budget, { field }: Limit, model: string): Refusal =>
  ownersRefusal(
    "no-price",
    "billing_error",
    `${whoseText(budget)} has a limit of money (${field}), and the host knows no price of ${model}, so it is refused. The operator sets one: gatehouse prices set ${model}`,
  );

/** A field of the request changes the vendor's price in a way that the table does not know. */
export const otherPrice = (budget: Budget, { field }: Limit, priced: string): Refusal =>
  finalRefusal(
    "billing_error",
    `${whoseText(budget)} has a limit of money (${field}), and "${priced}" changes the price, so the request is refused.`,
  );

export const pricesUnreadable = (problems: readonly string[]): Refusal =>
  ownersRefusal(
    "prices",
    "billing_error",
    `The host cannot read its prices, so requests with a limit of money are refused: ${oneLine(problems.join("; "), 500)}. The operator corrects prices.json in the data folder.`,
  );
