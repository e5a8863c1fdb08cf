import { printFailure, printJson, type Io, type Output } from "@gatehouse/cli-kit";
import { readCentral } from "@gatehouse/central-database";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { dataFolder } from "@gatehouse/fs-kit";
import { limitsToday, usageBy, type LimitToday, type UsageBy, type UsageSum } from "@gatehouse/gateway";
import { readPrices } from "@gatehouse/gateway/prices";
import { explainPrices } from "./prices-messages.ts";
import { renderRows } from "@gatehouse/cli-kit/table";
import { oneLine } from "@gatehouse/std";

/** The flags of `gatehouse usage`, parsed. */
export type UsageFlags = DatabaseFlags & {
  readonly data?: string;
  readonly json?: boolean;
  readonly by: UsageBy;
};

type Usage = { readonly sums: readonly UsageSum[]; readonly limits: readonly LimitToday[] };

/** Prints how much agents used the models. Changes nothing. Returns the exit code. */
export const usageCommand = async (flags: UsageFlags, io: Io): Promise<number> => {
  const { data, json: isJson = false, by } = flags;
  const dataDir = dataFolder(io.env, data);
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const read = await readCentral({ dataDir, ...chosen }, async (db): Promise<Usage> => {
    const limits = by === "day" || by === "task" ? [] : await limitsToday(db, by, new Date());
    return { sums: await usageBy(db, by), limits };
  });
  if (!read.ok) {
    printFailure(io, isJson, read.error);
    return 1;
  }
  const prices = await readPrices(dataDir);
  // Unreadable prices hide only the currency: the database has the sums.
  if (!prices.ok) io.stderr.write(`${explainPrices(prices.error).message}\n`);
  const currency = prices.ok ? (prices.value?.currency ?? null) : null;
  const { sums, limits } = read.value ?? { sums: [], limits: [] };
  const keyed = <Row extends { readonly key: string }>({ key, ...row }: Row) => ({ [by]: key, ...row });
  if (isJson) printJson(io, { ok: true, by, currency, usage: sums.map(keyed), limits: limits.map(keyed) });
  else io.stdout.write(usageText(by, currency, { sums, limits }, io.stdout));
  return 0;
};

const usageText = (by: UsageBy, currency: string | null, { sums, limits }: Usage, output: Output): string => {
  const used = sums.length === 0 ? "No agent has used a model yet.\n" : sumsText(by, currency, sums, output);
  return limits.length === 0 ? used : `${used}\n${limitsText(by, limits, output)}`;
};

const sumsText = (
  by: UsageBy,
  currency: string | null,
  sums: readonly UsageSum[],
  output: Output,
): string => {
  const hasCost = sums.some(({ cost }) => cost !== null);
  const head = [by.toUpperCase(), "MODEL", "REQUESTS", "INPUT", "OUTPUT"];
  const rows = sums.map((sum) => [
    by === "task" ? taskText(sum) : (sum.name ?? (sum.key === "" ? "-" : sum.key)),
    sum.model,
    ...[sum.requests, sum.inputTokens, sum.outputTokens].map((count) => count.toLocaleString("en")),
    ...(hasCost ? [costText(sum)] : []),
  ]);
  return renderRows([...head, ...(hasCost ? [currency ?? "COST"] : [])], rows, 2, output);
};

/** The beginning of a task's text, and its id. */
const taskText = ({ key, name }: UsageSum): string => {
  if (name === null) return key;
  const line = oneLine(name);
  return `${line.length > 40 ? `${line.slice(0, 39)}…` : line} (${key})`;
};

/** The cost; with `>=` if some requests had no price, and `?` if all had none. */
const costText = ({ cost, unpricedRequests }: UsageSum): string => {
  if (cost === null) return "?";
  return `${unpricedRequests > 0 ? ">= " : ""}${moneyText(cost)}`;
};

/** An amount of money without its currency. */
export const moneyText = (amount: number): string =>
  amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 6 });

/** True if a day's limit is an amount of money. */
export const isMoney = (limit: string): boolean =>
  limit !== "max_requests_per_day" && limit !== "max_tokens_per_day";

const limitsText = (by: UsageBy, limits: readonly LimitToday[], output: Output): string => {
  const count = (limit: string, value: number): string =>
    isMoney(limit) ? moneyText(value) : value.toLocaleString("en");
  const rows = limits.map(({ name, limit, day, used, most }) => [
    ...[name, limit, day, count(limit, used), count(limit, most)],
    `${Math.floor((used / most) * 100)} %`,
  ]);
  return renderRows([by.toUpperCase(), "LIMIT", "DAY", "USED", "OF", ""], rows, 3, output);
};
