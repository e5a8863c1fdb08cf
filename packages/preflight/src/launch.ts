/** Trust that is handed to a CLI when it starts, for that launch only. Nothing of it is written anywhere. */
export type Launch = {
  /** For a runtime that starts the CLI itself, as inline JSON behind its `--settings`; null where there is no such contract. */
  readonly settings: Readonly<Record<string, unknown>> | null;
  /** For the CLI's own argv. Of arguments for several folders only the last `-c projects=` counts: see `PreflightReport.launch`. */
  readonly args: readonly string[];
  /** Names of environment variables that belong to the launch; the README says what each has to hold. */
  readonly env: readonly string[];
};
