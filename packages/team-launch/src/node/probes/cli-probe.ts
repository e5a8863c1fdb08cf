import type { Environment } from "@gatehouse/std";
import type { LaunchError } from "../../lifecycle/launch-run.ts";

/** A CLI to ask. */
export type AskedCli = {
  /** Its executable. */
  readonly file: string;
  readonly env: Environment;
  /** Maximum time for an answer, milliseconds. Without one the result is null. */
  readonly timeoutMs: number;
};

/** Questions to one provider's CLI. `args` are the launch's arguments. Null if the CLI gives no answer. */
export type CliProbe = {
  readonly defaultModel: (cli: AskedCli, args: readonly string[]) => Promise<string | null>;
  readonly checkProvider: (cli: AskedCli, args: readonly string[]) => Promise<LaunchError | null>;
};

export const notSignedIn = (title: string, fix: string): LaunchError => ({
  code: "not-signed-in",
  message: `${title} is not signed in.`,
  fix,
});
