import process from "node:process";
import { onTestFinished } from "vitest";
import { newAddress } from "@gatehouse/central-database/testing";

/**
 * Makes a new schema on the server and names it in GATEHOUSE_DATABASE, where the programs of the test find it. It
 * is dropped at the end of the test.
 */
export const takeNewSchema = async (atEnd: typeof onTestFinished = onTestFinished): Promise<void> => {
  const schema = await newAddress();
  process.env["GATEHOUSE_DATABASE"] = schema?.address.url ?? "";
  // Hooks run in reverse order, so the schema is dropped after the hosts of the test have ended.
  atEnd(async () => schema?.drop());
};
