import type { Command } from "../args.ts";
import { removeCli, type InstalledCli } from "../clis/cli-cache.ts";
import type { Watch } from "../check/check-all.ts";
import { nameOf, obtainCli } from "../clis/obtain-cli.ts";
import type { Row } from "../report.ts";
import { compareVersions } from "../clis/version.ts";
import { writeFixture } from "./fixtures.ts";
import { record, unprivilegedProblem } from "./record.ts";
import type { Recording } from "./recordings.ts";

/** Outcomes with which a recording may end: the run reached something, possibly a dialog for a person. */
const isUseful = (outcome: string): boolean => outcome === "ready" || outcome === "blocked";

const recordOne = async (cli: InstalledCli, name: string, recording: Recording): Promise<Row> => {
  const startedAt = performance.now();
  const row = { cli: name, scenario: recording.name };
  const problem = recording.unprivileged ? unprivilegedProblem(cli) : null;
  if (problem !== null) return { ...row, outcome: "skipped", problems: [problem], durationMs: 0 };
  const recorded = await record(cli, recording);
  const fixture = await writeFixture(cli.version, recording, recorded);
  const durationMs = Math.round(performance.now() - startedAt);
  return isUseful(recorded.result.outcome)
    ? { ...row, outcome: "passed", problems: [], durationMs }
    : {
        ...row,
        outcome: "failed",
        problems: [`it ended as ${fixture.ended}`, ...recorded.result.screen],
        durationMs,
      };
};

/** Makes every recording of every CLI, one after the other, since they share one place on disk. */
export const recordAll = async (
  command: Command,
  recordings: readonly Recording[],
  watch: Watch,
): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const target of command.targets) {
    const obtained = await obtainCli(target, watch);
    const name = nameOf(target);
    if (!obtained.ok) {
      const { code, message } = obtained.error;
      rows.push({
        cli: name,
        scenario: "install",
        outcome: "failed",
        code,
        problems: [message],
        durationMs: 0,
      });
      continue;
    }
    const there = recordings.filter(
      ({ from = "0.0.0" }) => compareVersions(obtained.value.version, from) >= 0,
    );
    for (const recording of there) {
      if (watch.signal.aborted) return rows;
      watch.onScenario(name, recording.name);
      rows.push(await recordOne(obtained.value, name, recording));
    }
    if (command.prune && target.type === "version") await removeCli(target, watch.cache);
  }
  return rows;
};
