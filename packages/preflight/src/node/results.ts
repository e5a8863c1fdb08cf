import {
  codes,
  type PlannedFolder,
  type Verdict,
  type Diagnostic,
  type Launch,
  type PreflightPlan,
  type PreflightResult,
  type Provider,
  type Result,
  type Watch,
} from "../index.ts";
import { resultOf, type Attempt, type StartedCli } from "../result-of.ts";
import { reportVersion } from "../report.ts";

/** A folder and its result so far. The run updates it. */
export type Entry = {
  folder: PlannedFolder;
  /** Null while the folder is open. */
  verdict: Verdict | null;
  attempt: Attempt | null;
  /** How many times its trust was confirmed and not on disk afterwards. */
  losses: number;
};

/** The results of a batch. Each is built and reported once, when nothing can change it any more. */
export type Results = {
  /** Reports the results of these folders, except those already reported. */
  publish(entries: readonly Entry[]): void;
  /** The results of all these folders, in this order. */
  of(entries: readonly Entry[]): readonly PreflightResult[];
};

/** One launch for all folders of a provider, or the code of the reason why there is none. */
export type LaunchResult = Result<Launch, { readonly code: string }>;

/** Facts about providers that the run finds out. */
export type RunFindings = {
  readonly versions: ReadonlyMap<Provider, string | null>;
  readonly launches: ReadonlyMap<Provider, LaunchResult>;
};

export const createResults = (
  { request, cli }: Pick<PreflightPlan, "request" | "cli">,
  { versions, launches }: RunFindings,
  { onProgress = () => {} }: Watch,
): Results => {
  const results = new Map<Entry, PreflightResult>();
  const publish = (entries: readonly Entry[]): void => {
    for (const entry of entries) {
      if (results.has(entry)) continue;
      const { provider } = entry.folder;
      const startedAs = request.cli?.[provider] && cli[provider]?.path;
      const started = { version: versions.get(provider) ?? null, startedAs };
      const result = resultFor(entry, started, launches.get(provider));
      results.set(entry, result);
      onProgress({ version: reportVersion, type: "result", result });
    }
  };
  return {
    publish,
    of: (entries) => {
      publish(entries);
      return entries.flatMap((entry) => results.get(entry) ?? []);
    },
  };
};

/** True if the rest of the batch cannot change the folder's verdict. */
export const isFinal = (entry: Entry): boolean =>
  entry.verdict !== null &&
  isClosed(entry) &&
  entry.verdict.code !== "cancelled" &&
  !dependsOnState(entry) &&
  entry.attempt?.isAnswered !== true;

/** True if the folder needs nothing more once the folders of its provider are confirmed. */
export const isClosed = ({ verdict }: Entry): boolean => verdict?.code !== "passed-at-launch";

/** True if another process may still remove the trust while the batch runs. */
export const dependsOnState = ({ verdict }: Entry): boolean =>
  verdict !== null && ["trusted", "already-trusted"].includes(codes[verdict.code].status);

/** A folder that is still open at the end was not started, or its launch was not made: the run was cancelled. */
const resultFor = (
  { folder, verdict, attempt, losses }: Entry,
  cli: StartedCli,
  launch: LaunchResult | undefined,
): PreflightResult => {
  const message = `Trust was not on disk afterwards, ${losses === 1 ? "once" : `${losses} times`}: another process may have written the same file. It was done again.`;
  const more: readonly Diagnostic[] = [
    ...(losses === 0 ? [] : [{ code: "repeated", message } as const]),
    ...(launch?.ok === false && verdict?.code === "passed-at-launch" ? [tooLarge(launch.error.code)] : []),
  ];
  return resultOf(folder, cli, verdict ?? { code: "cancelled" }, attempt ?? undefined, more);
};

const tooLarge = (why: string): Diagnostic => ({
  code: "launch-too-large",
  message: `No single launch can cover all folders of this batch (${why}): pass each folder its own.`,
});
