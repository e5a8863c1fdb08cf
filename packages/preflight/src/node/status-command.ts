import { resolve } from "node:path";
import { isQuiet, renderStatus, type PreflightRequest, type Provider, type StatusReport } from "../index.ts";
import { dataFolder } from "./data-folder.ts";
import { paintFor, printJson, type Io } from "./io.ts";
import { planContext } from "./plan-full.ts";
import { strategies } from "./strategy.ts";

export type StatusFlags = {
  readonly provider: readonly Provider[];
  readonly cli: { readonly [P in Provider]?: string };
  readonly json?: boolean;
};

/** Says whether the folders would be asked about. Reads only; exit 0 if none would be. */
export const statusCommand = async (
  folders: readonly string[],
  flags: StatusFlags,
  io: Io,
): Promise<number> => {
  const providers = flags.provider.length === 0 ? (["claude"] as const) : flags.provider;
  const { env, cwd } = io;
  const request: PreflightRequest = { folders, env, dataDir: dataFolder(env), cli: flags.cli };
  const contexts = await Promise.all(providers.map((provider) => planContext(request, provider)));
  const readers = contexts.map((context) => strategies[context.provider].statusReader(context));
  const results = await Promise.all(
    folders.flatMap((folder) => readers.map((readStatus) => readStatus(resolve(cwd, folder)))),
  );
  const report: StatusReport = { ok: results.every(isQuiet), results };
  if (flags.json) printJson(io, report);
  else io.stdout.write(renderStatus(report, paintFor(io)));
  return report.ok ? 0 : 1;
};
