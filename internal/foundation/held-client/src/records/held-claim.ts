import type { ProcessRecord } from "@gatehouse/processes/records";
import type { Provider } from "@gatehouse/provider-facts";

/** The agent to hold, and its folder. Paths are absolute. */
export type Claimant = {
  readonly dataDir: string;
  /** Null for an agent without a team. */
  readonly team: string | null;
  readonly member: string;
  readonly provider: Provider;
  readonly folder: string;
};

/** A claimed name: the fields that the records of its holder and its agent share. */
export type HeldClaim = {
  readonly id: string;
  readonly token: number;
  /** ISO 8601. */
  readonly since: string;
};

/** The fields of a record, without its process. */
export const recordFields = (
  { id, token, since }: HeldClaim,
  { team, member, provider, folder }: Claimant,
): Omit<ProcessRecord, "process" | "boot"> => ({
  id,
  account: null,
  token,
  label: { ...(team === null ? {} : { team }), member, provider, folder, since },
});
