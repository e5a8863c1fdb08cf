import type { Provider } from "@trust/preflight";

/** One thing a preflight needs. */
export type DoctorCheck = {
  readonly name: "cli" | "pty" | "state" | "cli-lock" | "data" | "ledger";
  readonly ok: boolean;
  readonly message: string;
  readonly fix?: string;
};

/** One provider's CLI. Only Claude Code's has to be there, and one that somebody named. */
export type ProviderCheck = Omit<DoctorCheck, "name"> & { readonly provider: Provider };

export type DoctorReport = {
  readonly ok: boolean;
  readonly checks: readonly DoctorCheck[];
  /** Every provider; Claude Code's stands among the checks too. */
  readonly providers: readonly ProviderCheck[];
};
