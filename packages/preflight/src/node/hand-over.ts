import type { Launch, PreflightRequest, Result } from "../index.ts";
import type { Entry } from "./entry.ts";
import { consentAsked, consentEnded, type ConsentedFolder } from "./ledger/consent-record.ts";
import { ledgerFile, prepareDataFolder } from "@gatehouse/fs-kit";
import { appendConsents } from "./ledger/ledger-file.ts";
import { strategies } from "./providers/strategies.ts";
import type { PlanContext } from "./plan/strategy.ts";

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
export const handOver = async (
  entries: readonly Entry[],
  context: PlanContext,
): Promise<Result<Launch, { readonly code: string }> | null> => {
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
