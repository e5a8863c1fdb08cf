import { paintFor, printFailure, printJson, type Io, type Output } from "@gatehouse/cli-kit";
import { runInFolder } from "@gatehouse/data-folder";
import { dataFolder } from "@gatehouse/fs-kit";
import {
  modelOfGoogle,
  readPrices,
  removePrice,
  setPrice,
  type ModelPrice,
  type PriceTable,
} from "@gatehouse/gateway/prices";
import { fail, ok } from "@gatehouse/std";
import { explainPrices } from "./prices-messages.ts";
import { renderRows } from "@gatehouse/cli-kit/table";

/** The flags of all `gatehouse prices` commands, parsed. */
export type PricesFlags = { readonly data?: string; readonly json?: boolean };

/** The flags of `gatehouse prices set`, parsed: prices for a million tokens. */
export type SetPriceFlags = PricesFlags & {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite?: number;
  readonly alias?: readonly string[];
  readonly currency?: string;
};

/** `gatehouse prices set`. Returns the exit code. A vendor without a price for writing to its cache bills that as input. */
export const setPriceCommand = (typed: string, flags: SetPriceFlags, io: Io): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
    const { input, output, cacheRead, cacheWrite = input, alias = [], currency = null } = flags;
    const [model, aliases] = [modelOfGoogle(typed), alias.map(modelOfGoogle)];
    const row = { model, aliases, input, output, cacheRead, cacheWrite };
    const set = await setPrice(dataDir, row, currency);
    if (!set.ok) return fail(explainPrices(set.error));
    const unit = set.value.currency;
    const text = `${paintFor(io).good("set")} the price of ${model} in ${unit}; a running host uses it at once`;
    const prices = { input, output, cache_read: cacheRead, cache_write: cacheWrite };
    const values = Object.entries(prices).map(([name, price]) => [name, String(price)] as const);
    const act = { command: "prices set", args: { model, ...Object.fromEntries(values), currency: unit } };
    return ok({ document: { currency: unit, ...row }, text, act });
  });

/** `gatehouse prices remove`. Returns the exit code. */
export const removePriceCommand = (typed: string, flags: PricesFlags, io: Io): Promise<number> =>
  runInFolder(flags, io, async (dataDir) => {
    const model = modelOfGoogle(typed);
    const removed = await removePrice(dataDir, model);
    if (!removed.ok) return fail(explainPrices(removed.error));
    const text = removed.value
      ? `${paintFor(io).good("removed")} the price of ${model}`
      : `there was no price of ${model}`;
    const act = { command: "prices remove", args: { model } };
    return ok({ document: { model, removed: removed.value }, text, ...(removed.value ? { act } : {}) });
  });

/** `gatehouse prices list`. Returns the exit code. */
export const listPricesCommand = async (flags: PricesFlags, io: Io): Promise<number> => {
  const read = await readPrices(dataFolder(io.env, flags.data));
  if (!read.ok) {
    printFailure(io, flags.json ?? false, explainPrices(read.error));
    return 1;
  }
  const { currency, models } = read.value ?? { currency: null, models: [] };
  if (flags.json === true) printJson(io, { ok: true, currency, prices: models });
  else if (currency === null || models.length === 0)
    io.stdout.write("There are no prices: gatehouse prices set --help\n");
  else io.stdout.write(pricesText({ currency, models }, io.stdout));
  return 0;
};

const pricesText = ({ currency, models }: PriceTable, output: Output): string =>
  renderRows(
    ["MODEL", "ALIASES", "INPUT", "OUTPUT", "CACHE READ", "CACHE WRITE", ""],
    models.map(({ model, aliases, ...price }) => [
      model,
      aliases.join(" ") || "-",
      ...amounts(price),
      currency,
    ]),
    2,
    output,
  );

const amounts = ({ input, output, cacheRead, cacheWrite }: Omit<ModelPrice, "model" | "aliases">) =>
  [input, output, cacheRead, cacheWrite].map(String);
