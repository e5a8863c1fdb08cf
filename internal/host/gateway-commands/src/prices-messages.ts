import type { Failure } from "@gatehouse/cli-kit";
import type { PricesError } from "@gatehouse/gateway/prices";

/** Explains why the table of prices was not read or changed. */
export const explainPrices = (error: PricesError): Failure => {
  const { code } = error;
  switch (error.code) {
    case "prices-unreadable":
      return {
        code,
        message: `The prices in ${error.file} cannot be read: ${error.problems.join("; ")}.`,
        fix: "correct the file, or move it away and set the prices again",
      };
    case "prices-unwritable":
      return {
        code,
        message: `The prices in ${error.file} cannot be written (${error.detail}).`,
        fix: "check the rights of the folder and the disk; nothing was changed",
      };
    case "currency-needed":
      return {
        code,
        message: "The first price needs a currency, which all prices share.",
        fix: "add --currency, such as --currency USD",
      };
    case "other-currency":
      return {
        code,
        message: `The prices are in ${error.currency}, and all prices share one currency.`,
        fix: "omit --currency, or remove all prices first",
      };
    case "name-taken":
      return {
        code,
        message: `The price was not set: ${error.problems.join("; ")}.`,
        fix: "gatehouse prices list shows the models and their aliases",
      };
  }
};
