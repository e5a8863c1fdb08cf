import { chooseAddress } from "@gatehouse/postgres";
import type { Environment, Result, WaitingInHost } from "@gatehouse/std";
import { waitingApprovals } from "@gatehouse/approvals";
import { vendorWaits } from "@gatehouse/session-rows";
import { readCentral, type ReadFailure } from "@gatehouse/central-database";
import { commands } from "@gatehouse/commands";

/**
 * The place of the approvals: on the server of `database` or `env`; without one, in the data folder's file.
 */
export type WaitingPlace = {
  readonly dataDir: string;
  readonly env: Environment;
  readonly database?: string | undefined;
};

/** Reads the pending approvals and the agents that wait for a vendor, with or without a running host. An empty list if there is no database yet. */
export const readWaiting = async ({
  dataDir,
  env,
  database,
}: WaitingPlace): Promise<Result<WaitingInHost, ReadFailure>> => {
  const chosen = chooseAddress(env, database);
  if (!chosen.ok) return chosen;
  const now = new Date().toISOString();
  const read = await readCentral({ dataDir, database: chosen.value }, async (db) => ({
    ...(await waitingApprovals(db, commands, now)),
    vendors: await vendorWaits(db),
  }));
  return read.ok ? { ok: true, value: read.value ?? { approvals: [], more: 0, vendors: [] } } : read;
};
