export { millionths, type ModelPrice, priceOf, type PriceTable } from "./price-table.ts";
export { type PricesError, pricesFileIn, readPrices, removePrice, setPrice } from "./prices-file.ts";
