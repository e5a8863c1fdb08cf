import { join } from "node:path";
import { changeKeptFile, readKeptFile } from "@gatehouse/fs-kit";
import { fail, ok, type Result } from "@gatehouse/std";
import { parsePrices, pricesText, type ModelPrice, type PriceTable } from "./price-table.ts";

/** Why the table was not read or changed. */
export type PricesError =
  | { readonly code: "prices-unreadable"; readonly file: string; readonly problems: readonly string[] }
  | { readonly code: "prices-unwritable"; readonly file: string; readonly detail: string }
  /** All prices are in one currency: the first one names it. */
  | { readonly code: "currency-needed" }
  | { readonly code: "other-currency"; readonly currency: string }
  /** The name of the model is a name of another row. */
  | { readonly code: "name-taken"; readonly problems: readonly string[] };

/** The file of the operator's prices. */
export const pricesFileIn = (dataDir: string): string => join(dataDir, "prices.json");

/** Reads the table; null if there is no file. */
export const readPrices = async (dataDir: string): Promise<Result<PriceTable | null, PricesError>> => {
  const file = pricesFileIn(dataDir);
  const unreadable = (problems: readonly string[]) =>
    fail({ code: "prices-unreadable", file, problems } as const);
  const read = await readKeptFile(file);
  if (!read.ok) return unreadable([read.error]);
  if (read.value === null) return ok(null);
  const table = parsePrices(read.value);
  return table.ok ? table : unreadable(table.error);
};

/** Sets the price of a model. `currency` is needed for the first one. */
export const setPrice = (
  dataDir: string,
  row: ModelPrice,
  currency: string | null,
): Promise<Result<PriceTable, PricesError>> =>
  changePrices(dataDir, (table) => {
    const used = (table?.models.length ?? 0) > 0 ? table?.currency : undefined;
    if (used !== undefined && currency !== null && currency !== used)
      return fail({ code: "other-currency", currency: used });
    const wanted = currency ?? table?.currency;
    if (wanted === undefined) return fail({ code: "currency-needed" });
    const others = (table?.models ?? []).filter(({ model }) => model !== row.model);
    const changed = { currency: wanted, models: [...others, row] };
    const checked = parsePrices(pricesText(changed));
    return checked.ok ? checked : fail({ code: "name-taken", problems: checked.error });
  });

/** Removes the price of a model, named by its id. False if there was none. */
export const removePrice = async (dataDir: string, model: string): Promise<Result<boolean, PricesError>> => {
  let isThere = false;
  const changed = await changePrices(dataDir, (table) => {
    isThere = table?.models.some((each) => each.model === model) ?? false;
    return ok(
      table === null ? null : { ...table, models: table.models.filter((each) => each.model !== model) },
    );
  });
  return changed.ok ? ok(isThere) : changed;
};

/** Changes the file under a lock, as a whole. */
const changePrices = <Table extends PriceTable | null>(
  dataDir: string,
  change: (table: PriceTable | null) => Result<Table, PricesError>,
): Promise<Result<Table, PricesError>> => {
  const file = pricesFileIn(dataDir);
  return changeKeptFile(
    file,
    async () => {
      const read = await readPrices(dataDir);
      if (!read.ok) return read;
      const changed = change(read.value);
      if (!changed.ok) return changed;
      return ok({ value: changed.value, text: changed.value === null ? null : pricesText(changed.value) });
    },
    (detail): PricesError => ({ code: "prices-unwritable", file, detail }),
  );
};
