import process from "node:process";
import { onTestFinished } from "vitest";
import { newAddress } from "@gatehouse/control-plane/testing";

/**
 * Gives the hosts of a test, from here on, a database of their own: a new schema, which the programs
 * that the test starts find in GATEHOUSE_DATABASE.
 */
export const takeNewSchema = async (atEnd: typeof onTestFinished = onTestFinished): Promise<void> => {
  const schema = await newAddress();
  process.env["GATEHOUSE_DATABASE"] = schema?.address.url ?? "";
  // What is registered first runs last: after the hosts of the test have ended.
  atEnd(async () => schema?.drop());
};
