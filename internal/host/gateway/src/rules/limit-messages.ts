import { oneLine } from "@gatehouse/std";
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
  /** The estimate of the refused request. */
  readonly added: Counts;
  /** The estimate of the same request with an empty conversation. */
  readonly least: Counts;
};

/** What a sender may do about a request that is too large. */
const smaller = "Go on with a smaller message or file, or in a new conversation: /clear.";

/** Whether it is a group or a person that has had its answers of the day. */
const usedUp = ({ kind, name }: Budget, { counts }: Limit): string => {
  const subject = kind === "group" ? "it" : "they";
  if (counts !== "requests") return `${name} has used as much as ${subject} may today.`;
  return kind === "group"
    ? `${name} has answered as often as it may today.`
    : `${name} has had as many answers as they may today.`;
};

/**
 * The request does not fit into a limit of the day. It is a sentence for whoever wrote to the agent: what goes on, and when,
 * depends on how much it lacks. Owners read the counts and the command in `noticeText`.
 */
export const limitReached = ({ budget, limit, sums, added, least }: Reached): Refusal => {
  const [asked, needed, used] = [added[limit.counts], least[limit.counts], sums[limit.counts]];
  const goesOn = `It goes on at ${dayEnd(budget)}.`;
  const large = `This message, with its conversation, is more than ${budget.name} may`;
  const cases = [
    {
      is: needed > limit.most,
      says: `${budget.name} may use less in a day than one answer takes. It goes on when the operator raises the limit.`,
    },
    { is: asked > limit.most, says: `${large} use in a day. ${smaller}` },
    { is: used + needed > limit.most, says: `${usedUp(budget, limit)} ${goesOn}` },
    { is: true, says: `${large} still use today. ${goesOn} ${smaller}` },
  ];
  return finalRefusal("billing_error", cases.find(({ is }) => is)?.says ?? "");
};

/** A limit that owners are told of, because of its use or of a refused request. */
type Noticed = Omit<Reached, "added" | "least"> &
  Partial<Pick<Reached, "added">> & {
    readonly currency: string | null;
  };

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
