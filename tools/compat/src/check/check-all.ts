import type { Command, Target } from "../args.ts";
import { type Provider } from "@gatehouse/provider-facts";
import { clis } from "../clis/clis.ts";
import { removeCli, type CacheOptions, type InstalledCli } from "../clis/cli-cache.ts";
import { nameOf, obtainCli, type CliProblem } from "../clis/obtain-cli.ts";
import { compareVersions } from "../clis/version.ts";
import type { Row } from "../report.ts";
import type { Via } from "../scenarios/scenario.ts";

/** The newest version alone; or the oldest and the newest of those on which it can be tried. */
export type TriedOn = "ends" | "newest";

/**
 * A scenario that is ready to run. It returns one sentence for each problem; an empty list means that it
 * passed.
 */
export type Check = {
  readonly name: string;
  /** How the CLI is asked for trust, if it can be asked in several ways. */
  readonly via?: Via;
  /** The versions on which it is tried among others of its CLI. Default: all of them. If it is named, it is tried on all. */
  readonly triedOn?: TriedOn;
  /** Why it cannot be run on this version; null if it can. Default: it can be run on every version. */
  readonly notOn?: (version: string) => string | null;
  readonly run: (cli: InstalledCli, signal: AbortSignal) => Promise<string[]>;
};

/** The checks of each provider, in the order they run. */
export type Checks = { readonly [P in Provider]: readonly Check[] };

export type Watch = CacheOptions & {
  /** Called when a scenario begins. */
  readonly onScenario: (cli: string, scenario: string) => void;
};

/**
 * Number of scenarios that run at once. A scenario mostly waits for a program; with three on two busy cores a
 * CLI drew nothing for a minute, twice in a run.
 */
const atOnce = 2;

/**
 * A scenario that failed after at least this time (ms) is tried once more, alone: a limit may have run out
 * because the machine was busy. The shortest limit is that of a preflight's phase. A wrong key, record or
 * answer fails sooner, and counts at once.
 */
const limitRanOut = 8_000;

/** The row's own names. */
const named = (cli: string, { name, via }: Check): Pick<Row, "cli" | "scenario" | "via"> => ({
  cli,
  scenario: name,
  ...(via === undefined ? {} : { via }),
});

const timed = async (cli: InstalledCli, name: string, check: Check, watch: Watch): Promise<Row> => {
  const row = { ...named(name, check), path: cli.path };
  const reason = check.notOn?.(cli.version) ?? null;
  if (reason !== null) return { ...row, outcome: "not-applicable", problems: [reason], durationMs: 0 };
  const startedAt = performance.now();
  watch.onScenario(name, check.name);
  const problems = await check.run(cli, watch.signal).catch((error: Error) => [error.stack ?? error.message]);
  const outcome = problems.length === 0 ? "passed" : "failed";
  return { ...row, outcome, problems, durationMs: Math.round(performance.now() - startedAt) };
};

const newest = (provider: Provider): string | undefined => clis[provider].versions.at(-1);

/** The scenarios of one CLI, and their results. */
type CliRun = {
  readonly target: Target;
  readonly cli: InstalledCli;
  readonly checks: readonly Check[];
  /** In the order of their checks. */
  readonly rows: Row[];
  /** Scenarios that have not ended. */
  open: number;
};

type Job = { readonly run: CliRun; readonly at: number; readonly check: Check };

/** Runs jobs in order, some at once. After an abort no job starts, and interrupted jobs do not count. */
const runJobs = async (jobs: AsyncGenerator<Job>, command: Command, watch: Watch): Promise<void> => {
  const work = async (): Promise<void> => {
    for (let next = await jobs.next(); next.done !== true; next = await jobs.next()) {
      if (watch.signal.aborted) return;
      const { run, at, check } = next.value;
      const row = await timed(run.cli, nameOf(run.target), check, watch);
      if (!watch.signal.aborted) run.rows[at] = row;
      run.open -= 1;
      if (run.open === 0 && !run.rows.some(mayPassAlone)) await prune(run, command, watch);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
};

const mayPassAlone = ({ outcome, durationMs }: Row): boolean =>
  outcome === "failed" && durationMs >= limitRanOut;

/** Tries failed scenarios once more, alone, if a limit may have ended them. */
const tryAgain = async (run: CliRun, command: Command, watch: Watch): Promise<void> => {
  const failed = run.checks.flatMap((check, at) => {
    const row = run.rows[at];
    return row !== undefined && mayPassAlone(row) ? [{ check, at, row }] : [];
  });
  for (const { check, at, row } of failed) {
    if (watch.signal.aborted) return;
    const again = await timed(run.cli, nameOf(run.target), check, watch);
    if (!watch.signal.aborted) run.rows[at] = { ...again, earlier: row.problems };
  }
  if (failed.length > 0) await prune(run, command, watch);
};

const prune = async ({ target }: CliRun, command: Command, { cache }: Watch): Promise<void> => {
  if (command.prune && target.type === "version" && target.version !== newest(target.provider))
    await removeCli(target, cache);
};

/** npm's words for a package or a version that the registry does not have. */
const notThere = /\b(?:E404|ETARGET)\b/;

/**
 * Rows for a CLI that could not be obtained: every scenario has the same reason. Only default CLIs may be
 * missing, for lack of a network or because the registry does not have them.
 */
const withoutCli = (
  cli: string,
  { code, message }: CliProblem,
  { isDefault }: Command,
  checks: readonly Check[],
): Row[] => {
  const isMissing = code === "registry-unreachable" || notThere.test(message);
  const outcome = isDefault && isMissing ? "skipped" : "failed";
  const why = { outcome, code, problems: [message], durationMs: 0 } as const;
  return checks.map((check) => ({ ...named(cli, check), ...why }));
};

/** The check for one CLI of several. A check for some versions is not tried on the others, and says so. */
export const onTarget = (check: Check, target: Target, { scenarios, targets }: Command): Check => {
  const { provider } = target;
  const version = versionOf(target);
  if (check.triedOn === undefined || scenarios.length > 0 || version === null) return check;
  const there = targets
    .flatMap((each) => (each.provider === provider ? (versionOf(each) ?? []) : []))
    .sort(compareVersions);
  const last = there.at(-1);
  const able = there.filter((each) => (check.notOn?.(each) ?? null) === null);
  const tried = check.triedOn === "ends" ? [able[0], able.at(-1)] : [last];
  if (last !== newest(provider) || !able.includes(version) || tried.includes(version)) return check;
  const named = tried.map((each) => `${provider}@${each}`).join(" and ");
  return { ...check, notOn: () => `It is tried on ${named} only. Name it to try it here.` };
};

const versionOf = (target: Target): string | null => (target.type === "version" ? target.version : null);

/**
 * Runs every scenario of its provider on every CLI. The scenarios of one CLI begin in order, those of the
 * next CLI as soon as there is room; second tries run after all others.
 */
export const checkAll = async (command: Command, checks: Checks, watch: Watch): Promise<readonly Row[]> => {
  const { scenarios, targets } = command;
  const rows: (readonly Row[])[] = [];
  const runs: CliRun[] = [];
  async function* jobs(): AsyncGenerator<Job> {
    for (const [at, target] of targets.entries()) {
      if (watch.signal.aborted) return;
      const cli = await obtainCli(target, watch);
      // An interrupted install is no failure.
      if (watch.signal.aborted) return;
      const wanted = target.scenarios ?? scenarios;
      const named = checks[target.provider]
        .filter(({ name }) => wanted.length === 0 || wanted.includes(name))
        .map((check) => onTarget(check, target, command));
      if (!cli.ok) {
        rows[at] = withoutCli(nameOf(target), cli.error, command, named);
        continue;
      }
      const run: CliRun = { target, cli: cli.value, checks: named, rows: [], open: named.length };
      rows[at] = run.rows;
      runs.push(run);
      for (const [place, check] of named.entries()) yield { run, at: place, check };
    }
  }
  await runJobs(jobs(), command, watch);
  for (const run of runs) await tryAgain(run, command, watch);
  return rows.flat().filter((row) => row !== undefined);
};
