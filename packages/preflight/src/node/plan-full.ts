import { resolve } from "node:path";
import {
  trustPreflightEnv,
  type FoundCli,
  type Launch,
  type Launches,
  type Pair,
  type PlannedFolder,
  type PreflightPlan,
  type PreflightRequest,
  type Provider,
} from "../index.ts";
import { installedAs } from "./cli-version.ts";
import { homeOf } from "@gatehouse/fs-kit";
import { findCli } from "./find-cli.ts";
import type { PlanContext, PlanFolder, Locate } from "./plan/strategy.ts";
import { strategies } from "./providers/strategies.ts";
import { locateWorkspace } from "@trust/claude-state-probe/node";
import { folderIdentity } from "./same-folder/folder-identity.ts";

/**
 * Settles every folder that needs no CLI for that: refused, impossible, or already trusted. Reads only and starts
 * nothing; a problem with a folder is in its verdict. With a `moment`, folders that it has already read are not read
 * again.
 */
export const planFull = async (request: PreflightRequest, moment?: Moment): Promise<PreflightPlan> => {
  const { contexts, ...plan } = await planFolders(request, moment);
  return { ...plan, launch: await launchesOf(plan.folders, contexts) };
};

/** A plan without its launches, and the context of each provider. */
type PlannedFolders = Omit<PreflightPlan, "launch"> & { readonly contexts: readonly PlanContext[] };

/** Like `planFull`, for a caller that makes the launches later, or not at all. */
export const planFolders = async (
  request: PreflightRequest,
  moment: Moment = momentOf(homeOf(request.env)),
): Promise<PlannedFolders> => {
  const pairs = pairsOf(request);
  const providers = [...new Set(pairs.map(({ provider }) => provider))];
  const contexts = await Promise.all(providers.map((provider) => planContext(request, provider)));
  const planners = new Map(contexts.map((context) => [context.provider, plannerOf(context, moment)]));
  const planned = pairs.map(({ folder, provider }) => planners.get(provider)?.(folder));
  const folders = (await Promise.all(planned)).filter((folder) => folder !== undefined);
  return {
    request,
    cli: Object.fromEntries(contexts.flatMap(({ provider, cli }) => (cli === null ? [] : [[provider, cli]]))),
    folders,
    contexts,
  };
};

/** The launches for folders that are passed at launch; none for a provider if one launch cannot cover its folders. */
const launchesOf = async (
  folders: readonly PlannedFolder[],
  contexts: readonly PlanContext[],
): Promise<Launches> => {
  const launches: { [P in Provider]?: Launch } = {};
  for (const context of contexts) {
    const { launchTogether } = strategies[context.provider];
    const keys = folders.flatMap(({ provider, verdict, trustKey }) =>
      provider === context.provider && verdict?.code === "passed-at-launch" && trustKey !== null
        ? [trustKey]
        : [],
    );
    const made = keys.length === 0 ? null : await launchTogether?.(keys, context);
    if (made?.ok) launches[context.provider] = made.value;
  }
  return launches;
};

/** Every folder with every provider, then the additional pairs; the folders absolute. */
export const pairsOf = (request: PreflightRequest): readonly Pair[] => {
  const { folders, providers = ["claude"], pairs = [], cwd = process.cwd() } = request;
  const each = [...new Set(providers)];
  const product = folders.flatMap((folder) => each.map((provider) => ({ folder, provider })));
  return [...product, ...pairs].map(({ folder, provider }) => ({ folder: resolve(cwd, folder), provider }));
};

/** Finds the provider's CLI and the environment to start it with. `known`: a CLI that was found before. */
export const planContext = async (
  request: PreflightRequest,
  provider: Provider,
  known?: FoundCli,
): Promise<PlanContext> => {
  const context = { request, provider, env: trustPreflightEnv(request.env), home: homeOf(request.env) };
  if (known !== undefined) return { ...context, cli: known, looked: "" };
  const found = await findCli(provider, { env: request.env, explicit: request.cli?.[provider] });
  if (!found.ok) return { ...context, cli: null, looked: found.error.looked };
  return { ...context, cli: await installedAs(found.value, provider), looked: "" };
};

/**
 * Plans folders of one provider at one moment, each with an identity that detects a replacement. The identity is read
 * first, so a folder that is replaced during planning no longer matches it.
 */
export const plannerOf = (context: PlanContext, moment: Moment = momentOf(context.home)): PlanFolder => {
  const planFolder = strategies[context.provider].planner(context, moment.locate);
  return async (workspace) => {
    const identity = moment.identityOf(workspace);
    return { ...(await planFolder(workspace)), identity };
  };
};

/** One moment at which folders are planned for several providers. Each folder is read once. */
export type Moment = {
  /** Locates each folder once and keeps its paths. */
  readonly locate: Locate;
  /** Like `folderIdentity`, read before the folder was located. */
  readonly identityOf: (workspace: string) => string | null;
};

export const momentOf = (home: string): Moment => {
  const identityOf = once(folderIdentity);
  return {
    identityOf,
    locate: once((workspace) => {
      identityOf(workspace);
      return locateWorkspace(workspace, { home });
    }),
  };
};

/** Calls `answer` once per argument and keeps the result. */
const once = <T>(answer: (workspace: string) => T): ((workspace: string) => T) => {
  const known = new Map<string, T>();
  return (workspace) => {
    if (!known.has(workspace)) known.set(workspace, answer(workspace));
    return known.get(workspace) as T;
  };
};
