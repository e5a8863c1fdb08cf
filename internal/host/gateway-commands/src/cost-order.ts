import { readCost, type CostPlace, type CostShown } from "@gatehouse/gateway";
import { readPrices } from "@gatehouse/gateway/prices";
import { isMoney, moneyText } from "./usage-command.ts";

/** Answers `/cost`: the usage of the conversation, and today's usage and limits of its group and the person. */
export const costOrder =
  ({ db, dataDir }: { readonly db: Parameters<typeof readCost>[0]; readonly dataDir: string }) =>
  async (place: CostPlace): Promise<{ readonly text: string; readonly failed: false }> => {
    const prices = await readPrices(dataDir);
    const currency = prices.ok ? (prices.value?.currency ?? null) : null;
    return { text: costText(await readCost(db, place, new Date()), currency), failed: false };
  };

/** The answer: a line for the conversation, the group and the person. Without a currency, it names no money. */
export const costText = ({ session, days }: CostShown, currency: string | null): string => {
  const { requests, tokens, cost, unpricedRequests } = session;
  const least = unpricedRequests > 0 ? "at least " : "";
  const money = cost === null || currency === null ? [] : [`${least}${moneyText(cost)} ${currency}`];
  return [
    `This conversation: ${listOf(requests, tokens, money)}.`,
    ...days.map((day) => dayText(day, currency)),
  ].join("\n");
};

const dayText = (
  { kind, name, used, limits }: CostShown["days"][number],
  currency: string | null,
): string => {
  const money = used.cost === 0 || currency === null ? [] : [`${moneyText(used.cost)} ${currency}`];
  const left = limits.map(({ limit, most, used: gone }) => {
    const [rest, of] = [Math.max(0, most - gone), most].map((value) =>
      isMoney(limit) ? moneyText(value) : value.toLocaleString("en"),
    );
    return `${limit}: ${rest} of ${of}${isMoney(limit) && currency !== null ? ` ${currency}` : ""} left`;
  });
  const who = kind === "group" ? `The group ${name}` : `You (${name})`;
  return `${who} today: ${listOf(used.requests, used.tokens, money)}. ${left.length === 0 ? "No limit" : left.join(", ")}.`;
};

const listOf = (requests: number, tokens: number, money: readonly string[]): string =>
  [
    `${requests.toLocaleString("en")} ${requests === 1 ? "request" : "requests"}`,
    `${tokens.toLocaleString("en")} ${tokens === 1 ? "token" : "tokens"}`,
    ...money,
  ].join(", ");
