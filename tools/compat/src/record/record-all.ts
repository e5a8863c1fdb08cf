import type { Command, Target } from "../args.ts";
import type { Watch } from "../check/check-all.ts";
import { removeCli, type InstalledCli } from "../clis/cli-cache.ts";
import { nameOf, obtainCli } from "../clis/obtain-cli.ts";
import { compareVersions } from "../clis/version.ts";
import type { Row } from "../report.ts";
import { writeFixture } from "./fixtures.ts";
import { record, unprivilegedProblem } from "./record.ts";
import type { Recording } from "./recordings.ts";

/** Makes one recording. It failed if its run reached neither the composer nor a dialog for a person. */
const recordOne = async (cli: InstalledCli, name: string, recording: Recording): Promise<Row> => {
  const startedAt = performance.now();
  const row = { cli: name, scenario: recording.name };
  const problem = recording.unprivileged ? unprivilegedProblem(cli) : null;
  if (problem !== null) return { ...row, outcome: "skipped", problems: [problem], durationMs: 0 };
  const recorded = await record(cli, recording);
  const { ended } = await writeFixture(cli.version, recording, recorded);
  const durationMs = Math.round(performance.now() - startedAt);
  const { outcome, screen } = recorded.result;
  return outcome === "ready" || outcome === "blocked"
    ? { ...row, outcome: "passed", problems: [], durationMs }
    : { ...row, outcome: "failed", problems: [`it ended as ${ended}`, ...screen], durationMs };
};

const recordCli = async (
  target: Target,
  recordings: readonly Recording[],
  watch: Watch,
): Promise<readonly Row[]> => {
  const name = nameOf(target);
  const obtained = await obtainCli(target, watch);
  if (!obtained.ok) {
    const { code, message } = obtained.error;
    const row = { cli: name, scenario: "install", outcome: "failed", code } as const;
    return [{ ...row, problems: [message], durationMs: 0 }];
  }
  const cli = obtained.value;
  const rows: Row[] = [];
  for (const recording of recordings) {
    const { from = cli.version, until = cli.version } = recording;
    if (compareVersions(cli.version, from) < 0 || compareVersions(cli.version, until) > 0) continue;
    if (watch.signal.aborted) return rows;
    watch.onScenario(name, recording.name);
    rows.push(await recordOne(cli, name, recording));
  }
  return rows;
};

/** Makes every recording of every CLI, one after the other, since they share one place on disk. */
export const recordAll = async (
  { targets, prune }: Command,
  recordings: readonly Recording[],
  watch: Watch,
): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const target of targets) {
    const own = recordings.filter(({ provider }) => provider === target.provider);
    if (own.length > 0) rows.push(...(await recordCli(target, own, watch)));
    if (prune && target.type === "version") await removeCli(target, watch.cache);
  }
  return rows;
};
