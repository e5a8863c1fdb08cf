import { resolve } from "node:path";
import {
  trustPreflightEnv,
  type FoundCli,
  type PreflightPlan,
  type PreflightRequest,
  type Provider,
} from "../index.ts";
import { packagedVersion } from "./cli/cli-version.ts";
import { homeOf } from "@gatehouse/fs-kit";
import { findCli } from "./cli/find-cli.ts";
import { plannerOf } from "./planner.ts";
import type { PlanContext } from "./plan/strategy.ts";

/**
 * Settles every folder that needs no CLI for that: refused, impossible, or already trusted. Reads only and
 * starts nothing; a problem with a folder is in its verdict.
 */
export const planFull = async (request: PreflightRequest): Promise<PreflightPlan> => {
  const providers = [...new Set(request.providers ?? (["claude"] as const))];
  const contexts = await Promise.all(providers.map((provider) => planContext(request, provider)));
  const cwd = request.cwd ?? process.cwd();
  const workspaces = request.folders.map((folder) => resolve(cwd, folder));
  const planners = contexts.map(plannerOf);
  return {
    request,
    cli: Object.fromEntries(contexts.flatMap(({ provider, cli }) => (cli === null ? [] : [[provider, cli]]))),
    folders: await Promise.all(
      workspaces.flatMap((workspace) => planners.map((planFolder) => planFolder(workspace))),
    ),
  };
};

/** Finds the provider's CLI and the environment to start it with. `known` is a CLI that was found before. */
export const planContext = async (
  request: PreflightRequest,
  provider: Provider,
  known?: FoundCli,
): Promise<PlanContext> => {
  const context = { request, provider, env: trustPreflightEnv(request.env), home: homeOf(request.env) };
  if (known !== undefined) return { ...context, cli: known, looked: "" };
  const found = await findCli(provider, { env: request.env, explicit: request.cli?.[provider] });
  if (!found.ok) return { ...context, cli: null, looked: found.error.looked };
  const version = await packagedVersion(found.value, provider);
  return { ...context, cli: { path: found.value, version }, looked: "" };
};
