import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import * as z from "zod";
import type { Tokens } from "../rules/read-usage.ts";

/** The price of a model, in the table's currency for each million tokens. */
export type Price = {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
};

/** A row of the table: a model by its exact id, and the other names of it that agents send. */
export type ModelPrice = Price & { readonly model: string; readonly aliases: readonly string[] };

/** The operator's prices. All are in one currency, an ISO 4217 code. */
export type PriceTable = { readonly currency: string; readonly models: readonly ModelPrice[] };

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$/, "is no name of a model, such as claude-sonnet-4-5");
const amount = z.number().min(0, "is below 0").max(1_000_000, "is above 1000000");
const row = z.strictObject({
  model: name,
  aliases: z.array(name).default([]),
  input: amount,
  output: amount,
  cacheRead: amount,
  cacheWrite: amount,
});
const schema = z.strictObject({
  v: z.literal(1),
  currency: z.string().regex(/^[A-Z]{3}$/, "is no currency of three capital letters, such as USD"),
  models: z.array(row),
});

/** Reads the text of a table. The error lists all problems, each with its place. */
export const parsePrices = (text: string): Result<PriceTable, readonly string[]> => {
  const value = parseJson(text);
  if (value === null) return fail(["it is not a JSON object"]);
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    return fail(parsed.error.issues.map(({ path, message }) => `${placeOf(path)} ${message}`));
  const { currency, models } = parsed.data;
  const twice = repeatedNames(models);
  return twice.length > 0
    ? fail(twice.map((each) => `the model ${each} has more than one price`))
    : ok({ currency, models });
};

/** `models[0].input:`; empty at the top. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? "the table:"
    : `${path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("")}:`.slice(
        1,
      );

const repeatedNames = (models: readonly ModelPrice[]): readonly string[] => {
  const names = models.flatMap(({ model, aliases }) => [model, ...aliases]);
  return [...new Set(names.filter((each, place) => names.indexOf(each) !== place))];
};

/** The file's text of a table. */
export const pricesText = ({ currency, models }: PriceTable): string =>
  `${JSON.stringify({ v: 1, currency, models }, null, 2)}\n`;

/** The price of a model by its exact id, or by one of its aliases; null without one. */
export const priceOf = (table: PriceTable | null, model: string): Price | null =>
  table?.models.find((each) => each.model === model || each.aliases.includes(model)) ?? null;

/** Millionths of a currency's unit in one unit. Sums of whole millionths are exact. */
export const millionths = 1_000_000;

/** The cost of tokens in millionths of the currency, rounded up. */
export const costOf = ({ input, output, cacheRead, cacheWrite }: Price, tokens: Tokens): number => {
  const uncached = Math.max(0, tokens.input - tokens.cacheRead - tokens.cacheWrite);
  const cost =
    uncached * input + tokens.cacheRead * cacheRead + tokens.cacheWrite * cacheWrite + tokens.output * output;
  // A price with decimals leaves a rest far below one millionth.
  return Math.ceil(Number(cost.toFixed(6)));
};

/** The highest possible cost. How much of the input the vendor caches is known only from its answer. */
export const estimatedCost = (price: Price, tokens: Tokens): number =>
  costOf({ ...price, input: Math.max(price.input, price.cacheWrite, price.cacheRead) }, tokens);
