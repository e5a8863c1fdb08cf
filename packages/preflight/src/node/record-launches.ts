import type { PreflightPlan, PreflightRequest, Provider } from "../index.ts";
import { planContext } from "./plan-full.ts";
import type { Entry, LaunchResult } from "./results.ts";
import { consentAsked, consentEnded, appendConsents, type ConsentedFolder } from "./ledger-file.ts";
import { ledgerFile, prepareDataFolder } from "@gatehouse/fs-kit";
import { strategies } from "./providers/strategies.ts";
import type { PlanContext } from "./plan/strategy.ts";

/** Adds one launch for all folders of a provider that are passed at launch. An aborted run adds none. */
export const recordLaunches = async (
  entries: readonly Entry[],
  { request, cli }: Pick<PreflightPlan, "request" | "cli">,
  {
    launches,
    signal,
  }: { readonly launches: Map<Provider, LaunchResult>; readonly signal: AbortSignal | undefined },
): Promise<void> => {
  for (const provider of new Set(entries.map(({ folder }) => folder.provider))) {
    const own = entries.filter(({ folder }) => folder.provider === provider);
    if (signal?.aborted) {
      for (const entry of own) if (entry.verdict?.code === "passed-at-launch") entry.verdict = null;
      continue;
    }
    const made = await recordLaunch(own, await planContext(request, provider, cli[provider]));
    if (made !== null) launches.set(provider, made);
  }
};

/** Folders that are passed at launch, with the facts for their record. */
type Passed = { readonly entry: Entry; readonly folder: ConsentedFolder };

const passedIn = (entries: readonly Entry[]): readonly Passed[] =>
  entries.flatMap((entry) => {
    const { workspace, provider, trustKey, grants } = entry.folder;
    const isPassed = entry.verdict?.code === "passed-at-launch" && trustKey !== null && grants !== null;
    return isPassed ? [{ entry, folder: { workspace, provider, trustKey, grants } }] : [];
  });

/**
 * Records in one write that a provider's folders are passed at launch, and returns one launch for all of them. Null if
 * no folder is passed, or if the record cannot be written. An error if no single launch is possible.
 */
const recordLaunch = async (
  entries: readonly Entry[],
  context: PlanContext,
): Promise<LaunchResult | null> => {
  const { launchTogether } = strategies[context.provider];
  const passed = passedIn(entries);
  if (launchTogether === null || passed.length === 0) return null;
  const problem = await record(passed, context.cli?.version ?? null, context.request);
  if (problem !== null) {
    const reason = { type: "ledger-not-writable", detail: problem } as const;
    const file = ledgerFile(context.request.dataDir);
    for (const { entry } of passed) entry.verdict = { code: "trust-not-persisted", reason, file };
    return null;
  }
  return launchTogether(
    passed.map(({ folder }) => folder.trustKey),
    context,
  );
};

/** Null, or the system's error. */
const record = async (
  passed: readonly Passed[],
  cliVersion: string | null,
  { dataDir }: PreflightRequest,
): Promise<string | null> => {
  const prepared = await prepareDataFolder(dataDir);
  if (!prepared.ok) return prepared.error.detail;
  const records = passed.flatMap(({ folder }) => {
    const asked = consentAsked(folder, cliVersion, "launch");
    return [asked, consentEnded(asked, "passed-at-launch")];
  });
  const written = await appendConsents(ledgerFile(dataDir), records);
  return written.ok ? null : written.error.detail;
};
