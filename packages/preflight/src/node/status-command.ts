import { resolve } from "node:path";
import { probeTrust } from "@trust/claude-state-probe/node";
import { renderStatus, type PreflightRequest, type Provider } from "../index.ts";
import type { FolderStatus, StatusReport } from "../status-report.ts";
import { dataFolder } from "./data-folder.ts";
import { paintFor, printJson, type Io } from "./io.ts";
import { planContext } from "./plan-full.ts";

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
  const results = await Promise.all(
    folders.flatMap((folder) =>
      providers.map((provider) => statusOf(resolve(cwd, folder), provider, request)),
    ),
  );
  const report: StatusReport = { ok: results.every(({ state }) => state === "trusted"), results };
  if (flags.json) printJson(io, report);
  else io.stdout.write(renderStatus(report, paintFor(io)));
  return report.ok ? 0 : 1;
};

/** The caller's own environment counts here: it is what a CLI started now would see. */
const statusOf = async (
  workspace: string,
  provider: Provider,
  request: PreflightRequest,
): Promise<FolderStatus> => {
  const { cli, home } = await planContext(request, provider);
  const cliVersion = cli?.version ?? undefined;
  const { state, code, key, file, why } = await probeTrust({ workspace, env: request.env, home, cliVersion });
  return { workspace, provider, state, code, key, file, why };
};
