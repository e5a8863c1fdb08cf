import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { processRecords, stateOf } from "@gatehouse/processes/records";

/** Maximum time in which a host ends an agent, ms: first by SIGTERM, then by SIGKILL. */
const maxMs = 20_000;
const pollEveryMs = 100;

/** The running process groups that the host of a data folder started as this account. */
export const agentsOf = async (data: string, account: string): Promise<readonly number[]> => {
  const listed = await processRecords(join(data, "processes")).list();
  const records = listed.ok ? listed.value.records : [];
  return records
    .filter((record) => record.account === account && ["running", "left-behind"].includes(stateOf(record)))
    .map(({ process }) => process.pid);
};

/** Waits until the agents of an account have ended, at most `maxMs`. The host needs its sudo rule to end them. */
export const agentsEnded = async (data: string, account: string): Promise<void> => {
  const until = Date.now() + maxMs;
  while (Date.now() < until && (await agentsOf(data, account)).length > 0) await setTimeout(pollEveryMs);
};
