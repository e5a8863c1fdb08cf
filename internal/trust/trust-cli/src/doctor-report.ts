import type { Provider } from "@trust/preflight";

/** One requirement of a preflight. */
export type DoctorCheck = {
  readonly name:
    | ("cli" | "pty" | "state" | "cli-lock" | "data" | "ledger")
    | (
        | "database"
        | "agents"
        | "keys"
        | "agent-cli"
        | "models"
        | "containers"
        | "sandbox"
        | "disk"
        | "log"
        | "backup"
        | "channel"
        | "groups"
      );
  readonly ok: boolean;
  readonly message: string;
  readonly fix?: string;
};

/** The check of one provider's CLI. Only Claude Code's and explicitly named CLIs are required. */
export type ProviderCheck = Omit<DoctorCheck, "name"> & {
  readonly provider: Provider;
  /** False for a CLI that is missing and was not named: it is not required. */
  readonly needed: boolean;
};

/** A problem that does not stop a preflight. `reach` stops no agent either: agents reach more than their groups say. */
export type DoctorWarning = {
  readonly name: "sign-in" | "network" | "reach";
  readonly message: string;
  readonly fix: string;
};

export type DoctorReport = {
  readonly ok: boolean;
  /** One sentence about the whole report, for a person. */
  readonly verdict: string;
  readonly checks: readonly DoctorCheck[];
  /** Every provider; Claude Code's is among the checks too. */
  readonly providers: readonly ProviderCheck[];
  readonly warnings: readonly DoctorWarning[];
};
