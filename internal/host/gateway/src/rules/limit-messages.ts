import { millionths } from "../prices/price-table.ts";
import type { Budget, Counts, Limit } from "../usage/budget.ts";
import { finalRefusal, ownersRefusal, type Refusal } from "./refusal-messages.ts";

/** `The group Team`, or the name of a person. */
const whoseText = ({ kind, name }: Budget): string => (kind === "group" ? `The group ${name}` : name);

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
  readonly currency: string | null;
};

/** The request does not fit into a limit of the day. */
export const limitReached = ({ budget, limit, sums, currency }: Reached): Refusal =>
  finalRefusal(
    "billing_error",
    [
      `${whoseText(budget)} has used up the day: ${limit.field} ${countText(limit, limit.most, currency)},`,
      `of which ${countText(limit, sums[limit.counts], currency)} are used or reserved.`,
      `It goes on at ${dayEnd(budget)}, or the operator raises the limit: ${raiseText(budget, limit)}`,
    ].join(" "),
  );

/** Owners are told once for each limit and day. */
export const noticeText = ({ budget, limit, sums, currency }: Reached): string => {
  const used = sums[limit.counts];
  const percent = Math.floor((used / limit.most) * 100);
  return [
    `${whoseText(budget)} has used ${percent} % of the day: ${countText(limit, used, currency)}`,
    `of ${limit.field} ${countText(limit, limit.most, currency)}. At 100 % requests are refused until ${dayEnd(budget)}.`,
    `To raise the limit: ${raiseText(budget, limit)}`,
  ].join(" ");
};

/** A limit of money needs the price of each model. */
export const noPrice = (budget: Budget, { field }: Limit, model: string): Refusal =>
  ownersRefusal(
    `no-price/${model}`,
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
    `The host cannot read its prices, so requests with a limit of money are refused: ${problems.join("; ")}. The operator corrects prices.json in the data folder.`,
  );
