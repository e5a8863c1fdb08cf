import { setMaxListeners } from "node:events";
import { clearTimeout, setTimeout } from "node:timers";
import {
  codes,
  isPending,
  type Diagnostic,
  type FoundCli,
  type Launch,
  type PreflightPlan,
  type PreflightReport,
  type PreflightRequest,
  type PreflightResult,
  type Provider,
  type Result,
  type Watch,
} from "../index.ts";
import { resultOf, type StartedCli } from "../result-of.ts";
import { spokenVersion } from "./cli/cli-version.ts";
import { confirmAll, type Entry } from "./confirm-all.ts";
import { handOver } from "./hand-over.ts";
import { planContext, planFolders } from "./plan-full.ts";
import { plannerOf } from "./planner.ts";
import type { ConfirmContext } from "./plan/strategy.ts";

/** Plans and executes: returns a result for every named folder, in the order of the request. */
export const runPreflight = async (request: PreflightRequest, watch: Watch = {}): Promise<PreflightReport> =>
  execute(await planFolders(request), watch);

/** Starts the CLIs that a plan's pending folders need. Never throws for trouble with trust. */
export const execute = async (
  plan: Omit<PreflightPlan, "launch">,
  watch: Watch = {},
): Promise<PreflightReport> => {
  const deadline = deadlineAfter(plan.request.deadlineMs);
  const entries = plan.folders.map((folder): Entry => ({
    folder,
    verdict: folder.verdict,
    attempt: null,
    losses: 0,
  }));
  const versions = new Map<Provider, string | null>();
  const clis = Object.entries(plan.cli) as [Provider, FoundCli][];
  await Promise.all(
    clis.map(async ([provider, cli]) => {
      const own = entries.filter(({ folder }) => folder.provider === provider);
      const context = await confirmContext(plan.request, provider, cli, own, {
        ...watch,
        signal: AbortSignal.any([deadline.signal, ...(watch.signal === undefined ? [] : [watch.signal])]),
      });
      versions.set(provider, context.cli.version);
      await confirmAll(own, context);
    }),
  );
  deadline.stop();
  if (deadline.signal.aborted && watch.signal?.aborted !== true) timeOut(entries, plan.request);
  const launches = await handOverAll(entries, plan, watch.signal);
  const results = entries.map((entry) => {
    const { provider } = entry.folder;
    const startedAs = plan.request.cli?.[provider] && plan.cli[provider]?.path;
    return resultFor(entry, { version: versions.get(provider) ?? null, startedAs }, launches.get(provider));
  });
  const launch = Object.fromEntries(
    [...launches].flatMap(([provider, made]) => (made.ok ? [[provider, made.value]] : [])),
  );
  return {
    ok: results.every(({ code }) => codes[code].exit === 0),
    results,
    ...(Object.keys(launch).length === 0 ? {} : { launch }),
  };
};

/** Aborts after `ms`, unless it is stopped. */
const deadlineAfter = (ms: number | undefined): { signal: AbortSignal; stop: () => void } => {
  const controller = new AbortController();
  const timer = ms === undefined ? undefined : setTimeout(() => controller.abort(), ms);
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
};

/** The folders that the deadline left open. */
const timeOut = (entries: readonly Entry[], { deadlineMs: timeoutMs = 0 }: PreflightRequest): void => {
  for (const entry of entries)
    if (entry.verdict === null || entry.verdict.code === "cancelled")
      entry.verdict = { code: "timeout", limit: "batch", timeoutMs };
};

/** One launch for all folders of a provider, or the code that says why it is not possible. */
type LaunchMade = Result<Launch, { readonly code: string }>;

/** By provider: one launch for all its folders that are passed at launch. An aborted run makes none. */
const handOverAll = async (
  entries: readonly Entry[],
  { request, cli }: Parameters<typeof execute>[0],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<Provider, LaunchMade>> => {
  const launches = new Map<Provider, LaunchMade>();
  for (const provider of new Set(entries.map(({ folder }) => folder.provider))) {
    const own = entries.filter(({ folder }) => folder.provider === provider);
    if (signal?.aborted) {
      for (const entry of own) if (entry.verdict?.code === "passed-at-launch") entry.verdict = null;
      continue;
    }
    const made = await handOver(own, await planContext(request, provider, cli[provider]));
    if (made !== null) launches.set(provider, made);
  }
  return launches;
};

/** A folder that is still open at the end was not started, or not handed over: the run was cancelled. */
const resultFor = (
  { folder, verdict, attempt, losses }: Entry,
  cli: StartedCli,
  launch: LaunchMade | undefined,
): PreflightResult => {
  const message = `Another process's write took it away ${losses === 1 ? "once" : `${losses} times`}; it was done again.`;
  const more: readonly Diagnostic[] = [
    ...(losses === 0 ? [] : [{ code: "repeated", message } as const]),
    ...(launch?.ok === false && verdict?.code === "passed-at-launch" ? [tooLarge(launch.error.code)] : []),
  ];
  return resultOf(folder, cli, verdict ?? { code: "cancelled" }, attempt ?? undefined, more);
};

const tooLarge = (why: string): Diagnostic => ({
  code: "launch-too-large",
  message: `There is no one launch for all folders of this batch (${why}): pass each folder its own.`,
});

/** If only running the CLI shows its version, runs it before anything is confirmed, and plans again. */
const confirmContext = async (
  request: PreflightRequest,
  provider: Provider,
  cli: FoundCli,
  entries: readonly Entry[],
  { signal, onProgress = () => {} }: Watch,
): Promise<ConfirmContext> => {
  const isAsked = cli.version === null && entries.some(({ verdict }) => verdict === null);
  const known = isAsked ? { ...cli, version: await spokenVersion(cli.path, request.env) } : cli;
  const planned = await planContext(request, provider, known);
  const keys = (): ReadonlySet<string | null> =>
    new Set(entries.filter(({ folder }) => isPending(folder)).map(({ folder }) => folder.trustKey));
  const context = { ...planned, cli: known, planned: keys, signal: forMany(signal), onProgress };
  if (isAsked && known.version !== null) await planAgain(entries, context);
  return context;
};

const planAgain = async (entries: readonly Entry[], context: ConfirmContext): Promise<void> => {
  const planFolder = plannerOf(context);
  await Promise.all(
    entries.map(async (entry) => {
      entry.folder = await planFolder(entry.folder.workspace);
      entry.verdict = entry.folder.verdict;
    }),
  );
};

/**
 * Our own signal, since every folder of a batch listens: Node warns at the eleventh listener on the caller's.
 */
const forMany = (signal: AbortSignal | undefined): AbortSignal => {
  const own = AbortSignal.any(signal === undefined ? [] : [signal]);
  setMaxListeners(0, own);
  return own;
};
