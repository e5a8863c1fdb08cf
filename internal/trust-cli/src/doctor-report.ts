import type { Provider } from "@trust/preflight";

/** One requirement of a preflight. */
export type DoctorCheck = {
  readonly name: "cli" | "pty" | "state" | "cli-lock" | "data" | "ledger" | "database" | "agents";
  readonly ok: boolean;
  readonly message: string;
  readonly fix?: string;
};

/** One provider's CLI. Only Claude Code's is required, and any that was named. */
export type ProviderCheck = Omit<DoctorCheck, "name"> & {
  readonly provider: Provider;
  /** False for a CLI that is not there, and that no one named: nothing is missing without it. */
  readonly needed: boolean;
};

/** Something that stops no preflight, and that an agent misses later. */
export type DoctorWarning = {
  readonly name: "sign-in" | "network";
  readonly message: string;
  readonly fix: string;
};

export type DoctorReport = {
  readonly ok: boolean;
  /** One sentence about all of it, for a person. */
  readonly verdict: string;
  readonly checks: readonly DoctorCheck[];
  /** Every provider; Claude Code's is among the checks too. */
  readonly providers: readonly ProviderCheck[];
  readonly warnings: readonly DoctorWarning[];
};
