import type { Provider } from "./request.ts";

/** Trust that is passed to a CLI when it starts, for that launch only. Nothing is written to disk. */
export type Launch = {
  /** Inline JSON for the `--settings` of a runtime that starts the CLI; null without such a contract. */
  readonly settings: Readonly<Record<string, unknown>> | null;
  /** For the CLI's own argv. The arguments of several folders cannot be joined: see `PreflightReport.launch`. */
  readonly args: readonly string[];
  /** Environment variables that the launch needs, with their values. */
  readonly env: Readonly<Record<string, string>>;
};

/** By provider, one launch for all its folders. */
export type Launches = { readonly [P in Provider]?: Launch };
