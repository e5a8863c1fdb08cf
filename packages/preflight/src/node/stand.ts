import {
  codes,
  type Diagnostic,
  type Launch,
  type PreflightPlan,
  type PreflightResult,
  type Provider,
  type Result,
  type Watch,
} from "../index.ts";
import { reportVersion } from "../report.ts";
import { resultOf, type StartedCli } from "../result-of.ts";
import type { Entry } from "./entry.ts";

/** The results of a batch: each is made and told once, when nothing can change it any more. */
export type Results = {
  /** Tells the results of these folders, those already told excepted. */
  stand(entries: readonly Entry[]): void;
  /** All of them, in this order. */
  of(entries: readonly Entry[]): readonly PreflightResult[];
};

/** One launch for all folders of a provider, or the code that says why it is not possible. */
export type LaunchMade = Result<Launch, { readonly code: string }>;

/** What is found out about providers while the batch runs. */
export type Found = {
  readonly versions: ReadonlyMap<Provider, string | null>;
  readonly launches: ReadonlyMap<Provider, LaunchMade>;
};

export const createResults = (
  { request, cli }: Pick<PreflightPlan, "request" | "cli">,
  { versions, launches }: Found,
  { onProgress = () => {} }: Watch,
): Results => {
  const results = new Map<Entry, PreflightResult>();
  const stand = (entries: readonly Entry[]): void => {
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
    stand,
    of: (entries) => {
      stand(entries);
      return entries.flatMap((entry) => results.get(entry) ?? []);
    },
  };
};

/** Whether the rest of the batch leaves the folder's verdict as it is. */
export const isFinal = (entry: Entry): boolean =>
  entry.verdict !== null &&
  isClosed(entry) &&
  entry.verdict.code !== "cancelled" &&
  !restsOnState(entry) &&
  entry.attempt?.isAnswered !== true;

/** Whether it needs nothing more once the folders of its provider are through. */
export const isClosed = ({ verdict }: Entry): boolean => verdict?.code !== "passed-at-launch";

/** Another process may take the trust away as long as the batch runs. */
export const restsOnState = ({ verdict }: Entry): boolean =>
  verdict !== null && ["trusted", "already-trusted"].includes(codes[verdict.code].status);

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
