import { renderStatus } from "@gatehouse/trust-cli";
import type { Provider } from "@trust/preflight";
import { paintFor, printJson, type Io } from "@gatehouse/cli-kit";
import { readStatus } from "@trust/preflight/node";

export type StatusFlags = {
  readonly provider: readonly Provider[];
  readonly cli: { readonly [P in Provider]?: string };
  readonly json?: boolean;
};

/** Says whether a CLI would ask about the folders. Only reads; exit 0 if it would ask about none. */
export const statusCommand = async (
  folders: readonly string[],
  { provider, cli, json }: StatusFlags,
  io: Io,
): Promise<number> => {
  const report = await readStatus({ folders, cwd: io.cwd, env: io.env, providers: provider, cli });
  if (json) printJson(io, report);
  else io.stdout.write(renderStatus(report, paintFor(io)));
  return report.ok ? 0 : 1;
};
