import type { ProcessRecord } from "@gatehouse/processes/records";
import type { Provider } from "@gatehouse/std";

/** Who is to be held, and where. Paths are absolute. */
export type Claimant = {
  readonly dataDir: string;
  /** Null for an agent of no team. */
  readonly team: string | null;
  readonly member: string;
  readonly provider: Provider;
  readonly folder: string;
};

/** A name that is held from now on: what the records of its holder and its agent have in common. */
export type HeldClaim = {
  readonly id: string;
  readonly token: number;
  /** ISO 8601. */
  readonly since: string;
};

/** A record, without its process. */
export const recordFields = (
  { id, token, since }: HeldClaim,
  { team, member, provider, folder }: Claimant,
): Omit<ProcessRecord, "process" | "boot"> => ({
  ...{ id, account: null, token },
  label: { ...(team === null ? {} : { team }), member, provider, folder, since },
});
