import { cliHomes, dataFolder } from "@gatehouse/fs-kit";
import { namedOrOwnClis, renderStatus } from "@gatehouse/trust-cli";
import type { Provider } from "@trust/preflight";
import { paintFor, printJson, type Io } from "@gatehouse/cli-kit";
import { readStatus } from "@trust/preflight/node";

export type StatusFlags = {
  readonly provider: readonly Provider[];
  readonly cli: { readonly [P in Provider]?: string };
  readonly data?: string;
  readonly json?: boolean;
};

/** Prints the trust of the folders. Changes nothing. Returns the exit code: 0 if no CLI would ask. */
export const statusCommand = async (
  folders: readonly string[],
  { provider, cli: named, data, json }: StatusFlags,
  io: Io,
): Promise<number> => {
  const providers: readonly Provider[] = provider.length === 0 ? ["claude"] : provider;
  const cli = await namedOrOwnClis(named, cliHomes(io.env, dataFolder(io.env, data)), providers);
  const report = await readStatus({ folders, cwd: io.cwd, env: io.env, providers, cli });
  if (json) printJson(io, report);
  else io.stdout.write(renderStatus(report, paintFor(io)));
  return report.ok ? 0 : 1;
};
