/** Trust that is passed to a CLI when it starts, for that launch only. Nothing of it is written to disk. */
export type Launch = {
  /**
   * For a runtime that starts the CLI itself: inline JSON for its `--settings`; null if there is no such
   * contract.
   */
  readonly settings: Readonly<Record<string, unknown>> | null;
  /**
   * For the CLI's own argv. If arguments for several folders are joined, only the last `-c projects=` counts:
   * see `PreflightReport.launch`.
   */
  readonly args: readonly string[];
  /** Names of environment variables that the launch needs; the README says what value each must have. */
  readonly env: readonly string[];
};
