import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { runBareScript, type Sharing } from "../claude/bare-script.ts";
import { runControlScript } from "../claude/control-script.ts";
import type { ClaudeCli } from "../claude/find-cli.ts";
import { makeClaudeHome, type ClaudeHome } from "../claude/claude-home.ts";
import { preflightBatch } from "../claude/preflight-batch.ts";
import type { Contender, Figure, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";

/**
 * The floor: scripts that start at once, and answer and commit one after the other. A CLI takes its lock
 * again between a script's check and the end of its program, so some scripts lose another's entry: those
 * folders are repeated, within the time, until all are on disk.
 */
const inTurns = "bare scripts in turns";
const unguarded = "bare scripts, unguarded";
const byDialog = "preflight";

/** The floor of the control protocol: a script that speaks it and handles no failure. */
const bareControl = "bare control script";
const byControl = "preflight by control";
const program = "workspace-trust by control";

type Work = (claudeHome: ClaudeHome) => Promise<unknown>;

/**
 * The time of the work with new folders of one new HOME, and the number of folders that are not on disk at
 * the end.
 */
const timed = async (count: number, work: Work): Promise<{ value: number; lost: number }> => {
  const claudeHome = await makeClaudeHome(count);
  const startedAt = performance.now();
  await work(claudeHome);
  const value = performance.now() - startedAt;
  const lost = claudeHome.folders.filter((folder) => !claudeHome.isTrusted(folder)).length;
  await claudeHome.dispose();
  return { value, lost };
};

/** A contender that may lose no folder. */
const keepsAll = (name: string, count: number, work: Work): Contender => ({
  name,
  run: async (): Promise<Figure> => {
    const { value, lost } = await timed(count, work);
    return lost === 0 ? { ok: true, value } : { ok: false, error: `${lost} lost` };
  },
});

/** Starts the same processes at once, each with the bare script. */
const runAll = (cli: ClaudeCli, claudeHome: ClaudeHome, sharing: Sharing): Promise<unknown> =>
  Promise.all(claudeHome.folders.map((folder) => runBareScript(cli, claudeHome, folder, sharing)));

/**
 * Runs the scripts in turns, and repeats those whose folder was lost. A folder that stays lost is counted.
 */
const runInTurns = async (cli: ClaudeCli, claudeHome: ClaudeHome): Promise<void> => {
  let left = claudeHome.folders;
  for (let round = 0; round < 4 && left.length > 0; round += 1) {
    await runAll(cli, { ...claudeHome, folders: left }, { inTurn: turns() });
    left = claudeHome.folders.filter((folder) => !claudeHome.isTrusted(folder));
  }
};

/** Runs pieces of work one after the other, in the order of the calls. */
const turns = (): NonNullable<Sharing["inTurn"]> => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => null);
    return mine;
  };
};

/**
 * Without coordination, each script ends when it has seen its own trust on disk, or its composer, even if its
 * entry is lost later.
 */
const withoutCoordination: Sharing = { isEnough: (program) => program.isStarted() };

const manyFolders = (count: number, atMost: number, rounds: Measurement["rounds"]): Measurement => ({
  name: `${count}-folders`,
  title: `New folders of one HOME at once: ${count}, from the first spawn until the last process has ended`,
  unit: "ms",
  floor: inTurns,
  bounds: { [byDialog]: { atMost } },
  rounds,
  prepare: async ({ cli }) => {
    if (!cli.ok) return cli;
    let lostUnguarded = 0;
    const free = async (): Promise<Figure> => {
      const { value, lost } = await timed(count, (claudeHome) =>
        runAll(cli.value, claudeHome, withoutCoordination),
      );
      lostUnguarded += lost;
      return { ok: true, value };
    };
    const contenders = [
      keepsAll(inTurns, count, (claudeHome) => runInTurns(cli.value, claudeHome)),
      { name: unguarded, run: free },
      keepsAll(byDialog, count, (claudeHome) => preflightBatch(cli.value, claudeHome, "dialog")),
    ];
    const notes = () => [`Lost by the unguarded processes, first round included: ${lostUnguarded} folders.`];
    return { ok: true, value: { contenders, notes } };
  },
});

export const atOnce: readonly Measurement[] = [
  manyFolders(1, 1.15, { full: 15, quick: 3 }),
  manyFolders(4, 1.1, { full: 11, quick: 2 }),
  manyFolders(16, 1.1, { full: 9, quick: 2 }),
];

/** The program as a user starts it, its own start included. */
const runProgram = async (bin: string, cli: ClaudeCli, { root, env, folders }: ClaudeHome): Promise<void> => {
  const args = [bin, ...folders, "--data", join(root, "data"), "--claude", cli.path, "--json"];
  await promisify(execFile)(process.execPath, args, { cwd: root, env });
};

const controlFolders = (
  count: number,
  bounds: Measurement["bounds"],
  rounds: Measurement["rounds"],
): Measurement => ({
  name: `${count}-folders-control`,
  title: `New folders of one HOME over the control protocol: ${count}, until the process has ended`,
  unit: "ms",
  floor: bareControl,
  bounds,
  rounds,
  prepare: async ({ cli }) => {
    if (!cli.ok) return cli;
    const built = builtPrograms();
    if (!built.ok) return built;
    const bin = built.value["workspace-trust"];
    const contenders = [
      keepsAll(bareControl, count, (claudeHome) => runControlScript(cli.value, claudeHome)),
      keepsAll(byControl, count, (claudeHome) => preflightBatch(cli.value, claudeHome, "control")),
      keepsAll(program, count, (claudeHome) => runProgram(bin, cli.value, claudeHome)),
    ];
    return { ok: true, value: { contenders } };
  },
});

export const overControl: readonly Measurement[] = [
  controlFolders(1, { [byControl]: { atMost: 1.15 } }, { full: 15, quick: 3 }),
  controlFolders(16, { [byControl]: { atMost: 1.15 }, [program]: { atMost: 1.5 } }, { full: 9, quick: 2 }),
  controlFolders(100, {}, { full: 3, quick: 1 }),
];
