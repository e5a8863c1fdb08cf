import type { Command, Target } from "../args.ts";
import { clis, type Provider } from "../clis/clis.ts";
import { removeCli, type CacheOptions, type InstalledCli } from "../clis/cli-cache.ts";
import { nameOf, obtainCli, type CliProblem } from "../clis/obtain-cli.ts";
import type { Row } from "../report.ts";
import type { Via } from "../scenarios/scenario.ts";

/**
 * A scenario that is ready to run. It returns one sentence for each problem; an empty list means that it
 * passed.
 */
export type Check = {
  readonly name: string;
  /** How the CLI is asked for trust, if it can be asked in several ways. */
  readonly via?: Via;
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
 * A scenario that failed after this long (ms) is tried once more, alone: a limit may have run out because the
 * machine was busy. The shortest one is that of a preflight's phase. A wrong key, a wrong record or a wrong answer
 * fails sooner, and counts at once.
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
  const problems = await check.run(cli, watch.signal);
  const outcome = problems.length === 0 ? "passed" : "failed";
  return { ...row, outcome, problems, durationMs: Math.round(performance.now() - startedAt) };
};

/**
 * Runs all scenarios on one CLI, in order. After an abort no further one starts, and interrupted ones do not
 * count.
 */
const checkCli = async (
  cli: InstalledCli,
  name: string,
  checks: readonly Check[],
  watch: Watch,
): Promise<Row[]> => {
  const rows: Row[] = [];
  const waiting = [...checks.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !watch.signal.aborted; next = waiting.shift()) {
      const row = await timed(cli, name, next[1], watch);
      if (!watch.signal.aborted) rows[next[0]] = row;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  for (const [at, check] of checks.entries()) {
    const row = rows[at];
    if (row?.outcome !== "failed" || row.durationMs < limitRanOut || watch.signal.aborted) continue;
    const again = await timed(cli, name, check, watch);
    if (!watch.signal.aborted) rows[at] = { ...again, earlier: row.problems };
  }
  return rows.filter((row) => row !== undefined);
};

/**
 * Rows for a CLI that is not there: every scenario has the same reason. Only the default CLI may be missing,
 * for lack of a network.
 */
const withoutCli = (
  cli: string,
  { code, message }: CliProblem,
  { isDefault }: Command,
  checks: readonly Check[],
): Row[] => {
  const outcome = isDefault && code === "registry-unreachable" ? "skipped" : "failed";
  const why = { outcome, code, problems: [message], durationMs: 0 } as const;
  return checks.map((check) => ({ ...named(cli, check), ...why }));
};

type Obtained = Awaited<ReturnType<typeof obtainCli>>;

const newest = (provider: Provider): string | undefined => clis[provider].versions.at(-1);

const checkTarget = async (
  { target, obtained }: { readonly target: Target; readonly obtained: Obtained },
  command: Command,
  checks: readonly Check[],
  watch: Watch,
): Promise<Row[]> => {
  if (!obtained.ok) return withoutCli(nameOf(target), obtained.error, command, checks);
  const rows = await checkCli(obtained.value, nameOf(target), checks, watch);
  if (command.prune && target.type === "version" && target.version !== newest(target.provider))
    await removeCli(target, watch.cache);
  return rows;
};

/**
 * Runs every scenario of its provider on every CLI, one CLI after the other. The next CLI is fetched while the
 * scenarios of one run.
 */
export const checkAll = async (command: Command, checks: Checks, watch: Watch): Promise<readonly Row[]> => {
  const { scenarios, targets } = command;
  const isNamed = ({ name }: Check): boolean => scenarios.length === 0 || scenarios.includes(name);
  const obtain = async (at: number): Promise<Obtained | null> => {
    const target = targets[at];
    return target === undefined || watch.signal.aborted ? null : obtainCli(target, watch);
  };
  const rows: Row[] = [];
  let next = obtain(0);
  for (const [at, target] of targets.entries()) {
    const obtained = await next;
    next = obtain(at + 1);
    if (obtained === null || watch.signal.aborted) break;
    const named = checks[target.provider].filter(isNamed);
    rows.push(...(await checkTarget({ target, obtained }, command, named, watch)));
  }
  await next;
  return rows;
};
