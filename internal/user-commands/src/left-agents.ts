import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { processRecords, stateOf } from "@gatehouse/processes/records";

/** A host ends an agent within this, ms: it asks, then it kills. */
const longestMs = 20_000;
const everyMs = 100;

/** The process groups that the host of a data folder started as this account, and that still run. */
export const agentsOf = async (data: string, account: string): Promise<readonly number[]> => {
  const listed = await processRecords(join(data, "processes")).list();
  const records = listed.ok ? listed.value.records : [];
  return records
    .filter((record) => record.account === account && ["running", "left-behind"].includes(stateOf(record)))
    .map(({ process }) => process.pid);
};

/** Waits until the agents of an account have ended. The host needs the account's sudo rule for it until then. */
export const agentsEnded = async (data: string, account: string): Promise<void> => {
  const last = Date.now() + longestMs;
  while (Date.now() < last && (await agentsOf(data, account)).length > 0) await setTimeout(everyMs);
};
