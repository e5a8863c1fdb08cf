import type { Environment } from "@gatehouse/std";
import type { LaunchError } from "../../lifecycle/launch-run.ts";

/** A CLI that is asked. */
export type AskedCli = {
  /** Its executable. */
  readonly file: string;
  readonly env: Environment;
  /** After so many milliseconds nothing is known. */
  readonly timeoutMs: number;
};

/** What one provider's CLI tells of itself. `args` are those of a launch; null for what it does not say. */
export type CliProbe = {
  readonly defaultModel: (cli: AskedCli, args: readonly string[]) => Promise<string | null>;
  readonly checkProvider: (cli: AskedCli, args: readonly string[]) => Promise<LaunchError | null>;
};

export const notSignedIn = (title: string, fix: string): LaunchError => ({
  code: "not-signed-in",
  message: `${title} is not signed in.`,
  fix,
});
