import { resolve } from "node:path";
import {
  isQuiet,
  type Environment,
  type PreflightRequest,
  type Provider,
  type StatusReport,
} from "../index.ts";
import { reportVersion } from "../report.ts";
import { dataFolder, homeOf } from "@gatehouse/fs-kit";
import { momentOf, planContext } from "./plan-full.ts";
import { strategies } from "./providers/strategies.ts";

export type StatusRequest = {
  /** Relative folders are resolved against `cwd`. */
  readonly folders: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** Default: Claude only. */
  readonly providers: readonly Provider[];
  readonly cli: PreflightRequest["cli"];
};

/** Reports for each folder and provider whether the CLI would ask. Reads only. */
export const readStatus = async ({
  folders,
  cwd,
  env,
  providers,
  cli,
}: StatusRequest): Promise<StatusReport> => {
  const asked = providers.length === 0 ? (["claude"] as const) : providers;
  const request: PreflightRequest = { folders, env, dataDir: dataFolder(env), ...(cli ? { cli } : {}) };
  const contexts = await Promise.all(asked.map((provider) => planContext(request, provider)));
  const { locate } = momentOf(homeOf(env));
  const readers = contexts.map((context) => strategies[context.provider].statusReader(context, locate));
  const results = await Promise.all(
    folders.flatMap((folder) => readers.map((readStatusOf) => readStatusOf(resolve(cwd, folder)))),
  );
  return { version: reportVersion, ok: results.every(isQuiet), results };
};
