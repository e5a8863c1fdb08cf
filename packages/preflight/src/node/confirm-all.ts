import { codes, isPending, type Diagnostic, type PlannedFolder, type Verdict } from "../index.ts";
import { repeated, type Attempt } from "../result-of.ts";
import { forEachLimited } from "./for-each-limited.ts";
import { plannerOf } from "./planner.ts";
import { replacedSince } from "./same-folder/replaced-verdict.ts";
import { strategies } from "./providers/strategies.ts";
import type { Confirm, ConfirmContext, PlanFolder } from "./plan/strategy.ts";

/** A folder on its way to a result; what is known of it changes as the batch goes on. */
export type Entry = {
  folder: PlannedFolder;
  /** Null as long as it is open. */
  verdict: Verdict | null;
  attempt: Attempt | null;
  /** How often its trust was on disk and then gone. */
  losses: number;
};

/** A batch is confirmed once, and what other writers took away is done again, so often in all. */
const rounds = 3;

/** CLI processes at once, unless the caller says otherwise. */
const defaultJobs = 8;

/** Confirms what is open, looks at the whole batch again, and repeats what was lost meanwhile. */
export const confirmAll = async (entries: readonly Entry[], context: ConfirmContext): Promise<void> => {
  if (context.signal.aborted || entries.every(({ verdict }) => verdict !== null)) return;
  const { withConfirm } = strategies[context.provider];
  if (withConfirm === null) throw new TypeError(`the plan of ${context.provider} leaves folders open`);
  const confirmed = await withConfirm(context, async ({ confirm, settle, file, lookAgain }) => {
    for (let round = 1; round <= rounds; round++) {
      await confirmOpen(entries, context, confirm);
      tellAll(entries, (await settle?.()) ?? []);
      if (context.signal.aborted || !(await reopenLost(entries, context, file))) break;
    }
    correct(entries, await lookAgain());
  });
  for (const entry of entries) if (!confirmed.ok) entry.verdict ??= confirmed.error;
};

/** Folders with one key are confirmed once, in the first of them that was named; each has that attempt's result. */
const confirmOpen = async (
  entries: readonly Entry[],
  { request, provider, signal, onProgress }: ConfirmContext,
  confirm: Confirm,
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
  });
};

/** What is worth knowing of the process that several folders shared. */
const tellAll = (entries: readonly Entry[], diagnostics: readonly Diagnostic[]): void => {
  for (const entry of diagnostics.length === 0 ? [] : entries)
    if (entry.attempt?.via === "control")
      entry.attempt = { ...entry.attempt, diagnostics: [...entry.attempt.diagnostics, ...diagnostics] };
};

/** What became trusted after a folder's own turn outweighs what was said of it then. */
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
 * Parallel Claude processes lose each other's entries (2.1.197: 19 of 144; ended one at a time 0 of 104), so the state
 * decides once more when all are through. Returns whether anything is open again.
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

const restsOnState = ({ verdict }: Entry): boolean =>
  verdict !== null && ["trusted", "already-trusted"].includes(codes[verdict.code].status);

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
