import { setMaxListeners } from "node:events";
import {
  codes,
  type FoundCli,
  type PlannedFolder,
  type PreflightPlan,
  type PreflightReport,
  type PreflightRequest,
  type Provider,
  type Verdict,
  type Watch,
} from "@trust/preflight";
import { isPending, type PendingFolder } from "../plan.ts";
import { repeated, resultOf, type Attempt } from "../result-of.ts";
import { stateFile } from "@trust/claude-state-probe/node";
import { spokenVersion } from "./cli-version.ts";
import { forEachLimited } from "./for-each-limited.ts";
import { planContext, planFull } from "./plan-full.ts";
import { strategies, type ConfirmContext } from "./strategy.ts";

/** A batch is confirmed once, and what other writers took away is done again, so often in all. */
const rounds = 3;

/** CLI processes at once, unless the caller says otherwise. */
const defaultJobs = 8;

/** A folder on its way to a result. */
type Entry = { folder: PlannedFolder; verdict: Verdict | null; attempt: Attempt | null };

/** Plans and executes: every folder that was named has a result, in that order. */
export const runPreflight = async (request: PreflightRequest, watch: Watch = {}): Promise<PreflightReport> =>
  execute(await planFull(request), watch);

/** Starts what has to be started for a plan's pending folders. Never throws for trouble with trust. */
export const execute = async (plan: PreflightPlan, watch: Watch = {}): Promise<PreflightReport> => {
  const providers = Object.keys(plan.cli) as Provider[];
  const versions = new Map<Provider, string | null>();
  const entries: Entry[] = plan.folders.map((folder) => ({ folder, verdict: folder.verdict, attempt: null }));
  for (const provider of providers) {
    const own = entries.filter(({ folder }) => folder.provider === provider);
    const context = await confirmContext(plan, provider, own, watch);
    versions.set(provider, context.cli.version);
    await confirmAll(own, context);
  }
  const results = entries.map(({ folder, verdict, attempt }) =>
    resultOf(
      folder,
      versions.get(folder.provider) ?? null,
      verdict ?? { code: "cancelled" },
      attempt ?? undefined,
    ),
  );
  return { ok: results.every(({ code }) => codes[code].exit === 0), results };
};

/** Where only running the CLI tells its version, it is asked before anything is confirmed, and the plan made again. */
const confirmContext = async (
  { request, cli }: PreflightPlan,
  provider: Provider,
  entries: readonly Entry[],
  { signal, onProgress = () => {} }: Watch,
): Promise<ConfirmContext> => {
  const found = cli[provider] as FoundCli;
  const isAsked = found.version === null && entries.some(({ verdict }) => verdict === null);
  const known = isAsked ? { ...found, version: await spokenVersion(found.path, request.env) } : found;
  const context = {
    ...(await planContext(request, provider, known)),
    cli: known,
    signal: forMany(signal),
    onProgress,
  };
  if (isAsked && known.version !== null) await planAgain(entries, context);
  return context;
};

/** A signal of our own, since every folder of a batch listens: Node warns of the eleventh listener on the caller's. */
const forMany = (signal: AbortSignal | undefined): AbortSignal => {
  const own = AbortSignal.any(signal === undefined ? [] : [signal]);
  setMaxListeners(0, own);
  return own;
};

const planAgain = async (entries: readonly Entry[], context: ConfirmContext): Promise<void> => {
  await Promise.all(
    entries.map(async (entry) => {
      entry.folder = await strategies[context.provider].planFolder(entry.folder.workspace, context);
      entry.verdict = entry.folder.verdict;
    }),
  );
};

/** Confirms what is open, looks at the whole batch again, and repeats what was lost meanwhile. */
const confirmAll = async (entries: readonly Entry[], context: ConfirmContext): Promise<void> => {
  if (entries.every(({ verdict }) => verdict !== null)) return;
  const strategy = strategies[context.provider];
  const confirmed = await strategy.withConfirm(context, async (confirm) => {
    for (let round = 1; round <= rounds; round++) {
      await confirmOpen(entries, context, confirm);
      if (context.signal.aborted || !(await reopenLost(entries, context, round))) return;
    }
  });
  for (const entry of entries) if (!confirmed.ok) entry.verdict ??= confirmed.error;
};

type Confirm = (folder: PendingFolder) => Promise<Attempt>;

/** Folders with one key are confirmed once, in the first of them that was named; each has that attempt's result. */
const confirmOpen = async (
  entries: readonly Entry[],
  { request, signal, onProgress }: ConfirmContext,
  confirm: Confirm,
): Promise<void> => {
  const groups = byKey(entries.filter(({ verdict }) => verdict === null));
  const jobs = request.jobs ?? Math.min(defaultJobs, groups.length);
  await forEachLimited(groups, jobs, async (group) => {
    const leader = group[0]?.folder;
    if (signal.aborted || leader === undefined || !isPending(leader)) return;
    const attempt = await confirm(leader);
    for (const entry of group) {
      entry.verdict = attempt.verdict;
      entry.attempt = entry.attempt === null ? attempt : repeated(entry.attempt, attempt);
      const { workspace, provider } = entry.folder;
      onProgress({ workspace, provider, step: "done", text: attempt.verdict.code });
    }
  });
};

const byKey = (entries: readonly Entry[]): readonly (readonly Entry[])[] => {
  const keys = [...new Set(entries.map(({ folder }) => folder.trustKey))];
  return keys.map((key) => entries.filter(({ folder }) => folder.trustKey === key));
};

/** Whether the verdict rests on what the CLI's state said; a prompt that was reached without a question is no such thing. */
const restsOnState = ({ verdict, attempt }: Entry): boolean => {
  if (verdict === null) return false;
  if (verdict.code === "trusted" || verdict.code === "already-trusted-after-wait") return true;
  return attempt === null && codes[verdict.code].status === "already-trusted";
};

/**
 * Parallel Claude processes lose each other's entries (2.1.197: 19 of 144, ended one at a time 0 of 104), so the state
 * decides once more when all are through. Returns whether anything is open again.
 */
const reopenLost = async (
  entries: readonly Entry[],
  context: ConfirmContext,
  round: number,
): Promise<boolean> => {
  const { provider, env, home } = context;
  await Promise.all(
    entries.filter(restsOnState).map(async (entry) => {
      const now = await strategies[provider].planFolder(entry.folder.workspace, context);
      if (now.verdict !== null) return;
      const file = stateFile(env, home);
      entry.folder = now;
      entry.verdict =
        round < rounds ? null : { code: "trust-not-persisted", reason: { type: "lost", times: round }, file };
    }),
  );
  return entries.some(({ verdict }) => verdict === null);
};
