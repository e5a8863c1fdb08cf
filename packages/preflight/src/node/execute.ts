import { setMaxListeners } from "node:events";
import { clearTimeout, setTimeout } from "node:timers";
import {
  codes,
  type FoundCli,
  type PreflightPlan,
  type PreflightProgress,
  type PreflightReport,
  type PreflightRequest,
  type Provider,
  type Watch,
} from "../index.ts";
import { isPending } from "../plan.ts";
import { reportVersion } from "../report.ts";
import { spokenVersion } from "./cli-version.ts";
import { confirmAll } from "./confirm-all.ts";
import { createResults, isClosed, type Entry, type LaunchResult } from "./results.ts";
import { planContext, planFolders, plannerOf } from "./plan-full.ts";
import { recordLaunches } from "./record-launches.ts";
import type { ConfirmContext } from "./plan/strategy.ts";

/** Plans and executes: returns a result for every named folder, in the order of the request. */
export const runPreflight = async (request: PreflightRequest, watch: Watch = {}): Promise<PreflightReport> =>
  execute(await planFolders(request), watch);

/** Starts the CLIs that a plan's pending folders need. Problems with trust are in the results; it does not throw for them. */
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
  const launches = new Map<Provider, LaunchResult>();
  const results = createResults(plan, { versions, launches }, watch);
  results.publish(
    entries.filter((entry) => plan.cli[entry.folder.provider] === undefined && isClosed(entry)),
  );
  const clis = Object.entries(plan.cli) as [Provider, FoundCli][];
  await Promise.all(
    clis.map(async ([provider, cli]) => {
      const own = entries.filter(({ folder }) => folder.provider === provider);
      const context = await confirmContext(plan.request, provider, cli, own, {
        ...watch,
        signal: AbortSignal.any([deadline.signal, ...(watch.signal === undefined ? [] : [watch.signal])]),
      });
      versions.set(provider, context.cli.version);
      await confirmAll(own, context, results.publish);
      if (deadline.signal.aborted && watch.signal?.aborted !== true) timeOut(own, plan.request);
      results.publish(own.filter(isClosed));
    }),
  );
  deadline.stop();
  await recordLaunches(entries, plan, { launches, signal: watch.signal });
  const all = results.of(entries);
  const launch = Object.fromEntries(
    [...launches].flatMap(([provider, made]) => (made.ok ? [[provider, made.value]] : [])),
  );
  return {
    version: reportVersion,
    ok: all.every(({ code }) => codes[code].exit === 0),
    results: all,
    ...(Object.keys(launch).length === 0 ? {} : { launch }),
  };
};

/** Aborts after `ms`, unless it is stopped. */
const deadlineAfter = (ms: number | undefined): { signal: AbortSignal; stop: () => void } => {
  const controller = new AbortController();
  const timer = ms === undefined ? undefined : setTimeout(() => controller.abort(), ms);
  return { signal: controller.signal, stop: () => clearTimeout(timer) };
};

/** Marks the folders that were still open at the deadline. */
const timeOut = (entries: readonly Entry[], { deadlineMs: timeoutMs = 0 }: PreflightRequest): void => {
  for (const entry of entries)
    if (entry.verdict === null || entry.verdict.code === "cancelled")
      entry.verdict = { code: "timeout", limit: "batch", timeoutMs };
};

/** If only running the CLI shows its version, runs it before anything is confirmed, and plans again. */
const confirmContext = async (
  request: PreflightRequest,
  provider: Provider,
  cli: FoundCli,
  entries: readonly Entry[],
  { signal, onProgress, onQuestion, openPty }: Watch,
): Promise<ConfirmContext> => {
  const isAsked = cli.version === null && entries.some(({ verdict }) => verdict === null);
  const known = isAsked ? { ...cli, version: await spokenVersion(cli.path, request.env) } : cli;
  const planned = await planContext(request, provider, known);
  const keys = (): ReadonlySet<string | null> =>
    new Set(entries.filter(({ folder }) => isPending(folder)).map(({ folder }) => folder.trustKey));
  const context = {
    ...planned,
    cli: known,
    planned: keys,
    signal: forMany(signal),
    onProgress: (progress: PreflightProgress): void =>
      onProgress?.({ version: reportVersion, type: "step", ...progress }),
    onQuestion,
    openPty,
  };
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

/** A signal of our own, since every folder of a batch listens to it: Node warns at the eleventh listener. */
const forMany = (signal: AbortSignal | undefined): AbortSignal => {
  const own = AbortSignal.any(signal === undefined ? [] : [signal]);
  setMaxListeners(0, own);
  return own;
};
