import { setMaxListeners } from "node:events";
import {
  codes,
  type FoundCli,
  type PreflightPlan,
  type PreflightReport,
  type PreflightRequest,
  type PreflightResult,
  type Provider,
  type Watch,
} from "../index.ts";
import { resultOf } from "../result-of.ts";
import { spokenVersion } from "./cli-version.ts";
import { confirmAll, type Entry } from "./confirm-all.ts";
import { planContext, planFull } from "./plan-full.ts";
import { strategies, type ConfirmContext } from "./strategy.ts";

/** Plans and executes: every folder that was named has a result, in that order. */
export const runPreflight = async (request: PreflightRequest, watch: Watch = {}): Promise<PreflightReport> =>
  execute(await planFull(request), watch);

/** Starts what has to be started for a plan's pending folders. Never throws for trouble with trust. */
export const execute = async (plan: PreflightPlan, watch: Watch = {}): Promise<PreflightReport> => {
  const entries = plan.folders.map((folder): Entry => ({
    folder,
    verdict: folder.verdict,
    attempt: null,
    losses: 0,
  }));
  const versions = new Map<Provider, string | null>();
  for (const [provider, cli] of Object.entries(plan.cli) as [Provider, FoundCli][]) {
    const own = entries.filter(({ folder }) => folder.provider === provider);
    const context = await confirmContext(plan.request, provider, cli, own, watch);
    versions.set(provider, context.cli.version);
    await confirmAll(own, context);
  }
  const results = entries.map((entry) => resultFor(entry, versions.get(entry.folder.provider) ?? null));
  return { ok: results.every(({ code }) => codes[code].exit === 0), results };
};

/** What is still open when all is over was never begun: somebody cancelled. */
const resultFor = ({ folder, verdict, attempt, losses }: Entry, version: string | null): PreflightResult => {
  const message = `Another process's write took it away ${losses === 1 ? "once" : `${losses} times`}; it was done again.`;
  const more = losses === 0 ? [] : [{ code: "repeated", message } as const];
  return resultOf(folder, version, verdict ?? { code: "cancelled" }, attempt ?? undefined, more);
};

/** Where only running the CLI tells its version, it is asked before anything is confirmed, and the plan made again. */
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
  const context = { ...planned, cli: known, signal: forMany(signal), onProgress };
  if (isAsked && known.version !== null) await planAgain(entries, context);
  return context;
};

const planAgain = async (entries: readonly Entry[], context: ConfirmContext): Promise<void> => {
  await Promise.all(
    entries.map(async (entry) => {
      entry.folder = await strategies[context.provider].planFolder(entry.folder.workspace, context);
      entry.verdict = entry.folder.verdict;
    }),
  );
};

/** A signal of our own, since every folder of a batch listens: Node warns of the eleventh listener on the caller's. */
const forMany = (signal: AbortSignal | undefined): AbortSignal => {
  const own = AbortSignal.any(signal === undefined ? [] : [signal]);
  setMaxListeners(0, own);
  return own;
};
