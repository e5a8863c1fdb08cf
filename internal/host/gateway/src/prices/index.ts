export { modelOfGoogle } from "../rules/vendors.ts";
export { millionths, type ModelPrice, parsePrices, priceOf, type PriceTable } from "./price-table.ts";
export { type PricesError, pricesFileIn, readPrices, removePrice, setPrice } from "./prices-file.ts";
