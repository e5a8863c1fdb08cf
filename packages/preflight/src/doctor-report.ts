/** One thing a preflight needs. */
export type DoctorCheck = {
  readonly name: "cli" | "pty" | "state" | "cli-lock" | "data" | "ledger";
  readonly ok: boolean;
  readonly message: string;
  readonly fix?: string;
};

export type DoctorReport = { readonly ok: boolean; readonly checks: readonly DoctorCheck[] };
