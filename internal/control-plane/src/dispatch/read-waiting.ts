import { chooseAddress } from "@gatehouse/postgres";
import type { Environment, Result, WaitingApprovals } from "@gatehouse/std";
import { waitingApprovals } from "../approvals/waiting-approvals.ts";
import { readCentral, type ReadFailure } from "../database/read-central.ts";
import { commands } from "../resources/index.ts";

/** Where a data folder's approvals are looked for: in the server that is named or in `env`, else in its file. */
export type WaitingPlace = {
  readonly dataDir: string;
  readonly env: Environment;
  readonly database?: string | undefined;
};

/** The approvals that wait. Only reads, whether a host runs or not. None where there is no database yet. */
export const readWaiting = async ({
  dataDir,
  env,
  database,
}: WaitingPlace): Promise<Result<WaitingApprovals, ReadFailure>> => {
  const chosen = chooseAddress(env, database);
  if (!chosen.ok) return chosen;
  const now = new Date().toISOString();
  const read = await readCentral({ dataDir, database: chosen.value }, (db) =>
    waitingApprovals(db, commands, now),
  );
  return read.ok ? { ok: true, value: read.value ?? { approvals: [], more: 0 } } : read;
};
