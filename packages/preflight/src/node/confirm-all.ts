import type { Diagnostic, Verdict } from "../index.ts";
import { isPending } from "../plan.ts";
import { repeated } from "../result-of.ts";
import type { Entry } from "./entry.ts";
import { forEachLimited } from "./for-each-limited.ts";
import { plannerOf } from "./planner.ts";
import { replacedSince } from "./same-folder/replaced-verdict.ts";
import { isFinal, restsOnState } from "./stand.ts";
import { strategies } from "./providers/strategies.ts";
import type { Confirm, ConfirmContext, PlanFolder } from "./plan/strategy.ts";

/** Maximum rounds: one to confirm the batch, the others to redo trust that other writers removed. */
const rounds = 3;

/** The default for CLI processes at once. */
const defaultJobs = 8;

/** Is called with folders whose results stand. */
export type Stand = (entries: readonly Entry[]) => void;

/** Confirms the open folders, checks the whole batch again, and repeats those whose trust was lost. */
export const confirmAll = async (
  entries: readonly Entry[],
  context: ConfirmContext,
  stand: Stand,
): Promise<void> => {
  stand(entries.filter(isFinal));
  if (context.signal.aborted || entries.every(({ verdict }) => verdict !== null)) return;
  const { withConfirm } = strategies[context.provider];
  if (withConfirm === null) throw new TypeError(`the plan of ${context.provider} leaves folders open`);
  const confirmed = await withConfirm(context, async ({ confirm, settle, file, lookAgain }) => {
    for (let round = 1; round <= rounds; round++) {
      await confirmOpen(entries, context, confirm, stand);
      tellAll(entries, (await settle?.()) ?? []);
      if (context.signal.aborted || !(await reopenLost(entries, context, file))) break;
    }
    correct(entries, await lookAgain());
  });
  for (const entry of entries) if (!confirmed.ok) entry.verdict ??= confirmed.error;
};

/**
 * Confirms folders with the same key once, in the first of them that was named; all get that attempt's
 * result.
 */
const confirmOpen = async (
  entries: readonly Entry[],
  { request, provider, signal, onProgress }: ConfirmContext,
  confirm: Confirm,
  stand: Stand,
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
    stand(group.filter(isFinal));
  });
};

/** Adds the diagnostics of the process that several folders shared. */
const tellAll = (entries: readonly Entry[], diagnostics: readonly Diagnostic[]): void => {
  for (const entry of diagnostics.length === 0 ? [] : entries)
    if (entry.attempt?.via === "control" && entry.attempt.isAnswered)
      entry.attempt = { ...entry.attempt, diagnostics: [...entry.attempt.diagnostics, ...diagnostics] };
};

/** Keys that became trusted after a folder's own turn override its earlier verdict. */
const correct = (entries: readonly Entry[], verdicts: ReadonlyMap<string, Verdict>): void => {
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
 * Parallel Claude processes overwrite each other's entries (2.1.197: 19 of 144; ended one at a time 0 of
 * 104), so the state is checked again at the end. Returns whether any folder is open again.
 */
const reopenLost = async (
  entries: readonly Entry[],
  context: ConfirmContext,
  file: string,
): Promise<boolean> => {
  const planFolder = plannerOf(context);
  await Promise.all(entries.filter(restsOnState).map((entry) => reopenIfLost(entry, planFolder, file)));
  return entries.some(({ verdict }) => verdict === null);
};

const reopenIfLost = async (entry: Entry, planFolder: PlanFolder, file: string): Promise<void> => {
  const { folder } = entry;
  const now = await planFolder(folder.workspace);
  const replaced = replacedSince(folder, now);
  if (replaced !== null) entry.verdict = replaced;
  if (now.verdict !== null || replaced !== null) return;
  entry.losses += 1;
  entry.folder = now;
  const reason = { type: "lost", times: entry.losses } as const;
  entry.verdict = entry.losses < rounds ? null : { code: "trust-not-persisted", reason, file };
};
