import type { Diagnostic, Verdict } from "../index.ts";
import { isPending } from "../plan.ts";
import { repeated } from "../result-of.ts";
import { isFinal, dependsOnState, type Entry } from "./results.ts";
import { plannerOf } from "./plan-full.ts";
import { replacedSince } from "./same-folder/replaced-verdict.ts";
import { strategies } from "./providers/strategies.ts";
import type { Confirm, ConfirmContext, PlanFolder } from "./plan/strategy.ts";

/** Maximum rounds: one to confirm the batch, the others to repeat it for trust that other writers removed. */
const rounds = 3;

/** The default for CLI processes at once. */
const defaultJobs = 8;

/** Called with folders whose results are final. */
export type PublishResults = (entries: readonly Entry[]) => void;

/** Confirms the open folders, checks the whole batch again, and repeats those whose trust was lost. */
export const confirmAll = async (
  entries: readonly Entry[],
  context: ConfirmContext,
  publish: PublishResults,
): Promise<void> => {
  publish(entries.filter(isFinal));
  if (context.signal.aborted || entries.every(({ verdict }) => verdict !== null)) return;
  const { withConfirm } = strategies[context.provider];
  if (withConfirm === null) throw new TypeError(`the plan of ${context.provider} leaves folders open`);
  const confirmed = await withConfirm(context, async ({ confirm, settle, file, recheckKeys }) => {
    for (let round = 1; round <= rounds; round++) {
      await confirmOpen(entries, context, confirm, publish);
      addDiagnostics(entries, (await settle?.()) ?? []);
      if (context.signal.aborted || !(await reopenLost(entries, context, file))) break;
    }
    overrideVerdicts(entries, await recheckKeys());
  });
  for (const entry of entries) if (!confirmed.ok) entry.verdict ??= confirmed.error;
};

/** Confirms folders with the same key once, in the first of them. All of them get the result of that attempt. */
const confirmOpen = async (
  entries: readonly Entry[],
  { request, provider, signal, onProgress }: ConfirmContext,
  confirm: Confirm,
  publish: PublishResults,
): Promise<void> => {
  const groups = byKey(entries.filter(({ verdict }) => verdict === null));
  const jobs = Math.min(request.jobs ?? defaultJobs, groups.length);
  await forEachLimited(groups, jobs, async (group) => {
    const [first, ...rest] = group.map(({ folder }) => folder).filter(isPending);
    if (signal.aborted || first === undefined) return;
    const attempt = await confirm([first, ...rest]);
    for (const entry of group) {
      entry.verdict = attempt.verdict;
      entry.attempt = entry.attempt === null ? attempt : repeated(entry.attempt, attempt);
      const { workspace } = entry.folder;
      onProgress({ workspace, provider, step: "done", text: attempt.verdict.code });
    }
    publish(group.filter(isFinal));
  });
};

/** Adds the diagnostics of the process that confirmed several folders. */
const addDiagnostics = (entries: readonly Entry[], diagnostics: readonly Diagnostic[]): void => {
  for (const entry of diagnostics.length === 0 ? [] : entries)
    if (entry.attempt?.via === "control" && entry.attempt.isAnswered)
      entry.attempt = { ...entry.attempt, diagnostics: [...entry.attempt.diagnostics, ...diagnostics] };
};

/** Keys that became trusted after a folder's own turn override its earlier verdict. */
const overrideVerdicts = (entries: readonly Entry[], verdicts: ReadonlyMap<string, Verdict>): void => {
  for (const entry of entries) {
    const { trustKey } = entry.folder;
    const verdict = trustKey === null || entry.attempt === null ? undefined : verdicts.get(trustKey);
    if (verdict !== undefined) entry.verdict = verdict;
  }
};

const byKey = (entries: readonly Entry[]): readonly (readonly Entry[])[] => {
  const keys = [...new Set(entries.map(({ folder }) => folder.trustKey))];
  return keys.map((key) => entries.filter(({ folder }) => folder.trustKey === key));
};

/**
 * Parallel Claude processes overwrite each other's entries (2.1.197: 19 of 144; ended one at a time 0 of 104), so the
 * state is checked again at the end. Returns true if any folder is open again.
 */
const reopenLost = async (
  entries: readonly Entry[],
  context: ConfirmContext,
  file: string,
): Promise<boolean> => {
  const planFolder = plannerOf(context);
  const answered = byKey(entries.filter(({ attempt }) => attempt?.isAnswered === true)).length;
  const mayBeLost = entries.filter(
    (entry) => dependsOnState(entry) || (answered > 1 && isUnprovenAnswer(entry)),
  );
  await Promise.all(mayBeLost.map((entry) => reopenIfLost(entry, planFolder, file)));
  return entries.some(({ verdict }) => verdict === null);
};

/**
 * True if the dialog was answered, and its trust was never seen on disk. Where other CLIs of the batch write the same
 * file, one of them may have overwritten it before it was seen.
 */
const isUnprovenAnswer = ({ verdict, attempt }: Entry): boolean =>
  attempt?.via === "dialog" &&
  verdict?.code === "trust-not-persisted" &&
  verdict.reason.type === "not-written";

const reopenIfLost = async (entry: Entry, planFolder: PlanFolder, file: string): Promise<void> => {
  const { folder, verdict } = entry;
  const now = await planFolder(folder.workspace);
  const replaced = replacedSince(folder, now);
  if (replaced !== null) entry.verdict = replaced;
  if (now.verdict !== null || replaced !== null) return;
  entry.losses += 1;
  entry.folder = now;
  const reason = { type: "lost", times: entry.losses } as const;
  const lost = isUnprovenAnswer(entry) ? verdict : ({ code: "trust-not-persisted", reason, file } as const);
  entry.verdict = entry.losses < rounds ? null : lost;
};

/** Runs `run` for every item, at most `limit` at once, in the order of the items. */
const forEachLimited = async <T>(
  items: readonly T[],
  limit: number,
  run: (item: T) => Promise<void>,
): Promise<void> => {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await run(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
};
