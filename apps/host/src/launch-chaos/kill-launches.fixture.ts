import { setTimeout as pause } from "node:timers/promises";
import { lastOf, type LaunchState } from "@trust/team-launch";
import { expect, inject, onTestFinished } from "vitest";
import { startKilledHost } from "../chaos/killed-host.fixture.ts";
import { kill as killPid } from "../chaos/processes.fixture.ts";
import type { Chances } from "../chaos/random.fixture.ts";
import {
  agentsOf,
  commandOf,
  journalCount,
  isSpawned,
  journalsOf,
  keptOf,
  leftIn,
  nextStart,
  unseenIn,
  type Kept,
} from "./kept.fixture.ts";
import {
  documentOf,
  makeLaunchMachine,
  type Ended,
  type LaunchMachine,
  type RunningCommand,
} from "./launch-machine.fixture.ts";

/** Counts of events. A test without enough of them has shown nothing. */
export type Seen = { interrupted: number; undone: number; spawned: number; holders: number; hosts: number };

type Point = {
  /** `running`: agents run, and no command does. */
  readonly action: "create" | "launch" | "running" | "stop";
  readonly victim: "command" | "holder" | "host";
  /** Ms after the command's start, or after a launch has begun its journal. */
  readonly from: "start" | "journal";
  readonly after: number;
  /** True if the next launch starts at once; otherwise it waits until all processes are at rest. */
  readonly isSoon: boolean;
};

/** The time of a launch without a kill, ms: until its journal began, and from then to its end. */
type Usual = { readonly start: number; readonly journal: number };

const pointFrom = ({ below, pick }: Chances, usual: Usual): Point => {
  const actions = ["create", "create", "create", "launch", "launch", "launch", "running", "stop"] as const;
  const action = pick(actions);
  const victims = ["command", "command", "command", "holder", "holder", "host"] as const;
  const running = ["holder", "holder", "host"] as const;
  const victim = action === "running" ? pick(running) : pick(victims);
  const isLaunch = action === "create" || action === "launch";
  const from = isLaunch && below(6) > 0 ? "journal" : "start";
  // Most of a launch's time is after its first agent. Half of the kills come before that, since it has as many steps.
  const longest = from === "journal" && below(2) === 0 ? usual.journal / 8 : usual[from];
  return { action, victim, from, after: below(Math.max(1, Math.round(longest))), isSoon: below(2) === 0 };
};

const patience = { timeout: 100_000, interval: 20 };
const notInTime = 120_000;

/** Kills `kills` times on one machine, one after the other, and checks the machine after each. */
export const killLaunches = async (
  kills: number,
  { seed, chances, seen }: { readonly seed: number; readonly chances: Chances; readonly seen: Seen },
): Promise<void> => {
  const machine = makeLaunchMachine();
  let teams = 0;
  let team = `team-${teams}`;
  const began = performance.now();
  const first = machine.gatehouse("launch", machine.teamFile(team), "--json", "--timeout", "600");
  await Promise.race([first.ended, journalBegins(machine, 0)]);
  const journalAt = performance.now();
  expect(await first.ended).toMatchObject({ code: 0, stderr: "" });
  const usual = { start: journalAt - began, journal: performance.now() - journalAt };
  for (let number = 1; number <= kills; number += 1) {
    const point = pointFrom(chances, usual);
    if (point.action === "create") team = `team-${(teams += 1)}`;
    const problems = await strike(machine, team, point, seen);
    expect({ seed, number, point, problems }).toEqual({ seed, number, point, problems: [] });
  }
  expect(await machine.gatehouse("stop", "--all").ended).toMatchObject({ code: 0, stderr: "" });
  expect((await machine.gatehouse("ps").ended).stdout).toBe("No agents are held here.\n");
  await expect.poll(() => unseenIn(machine), patience).toEqual([]);
};

/** Runs one command, kills, and launches again. Returns the problems that it finds. */
const strike = async (
  machine: LaunchMachine,
  team: string,
  point: Point,
  seen: Seen,
): Promise<readonly string[]> => {
  const host = point.victim === "host" ? startHost(machine) : null;
  if (host !== null && !(await host.ready)) return ["the host did not start"];
  const known = new Set((await journalsOf(machine)).map(({ id }) => id));
  const before = { kept: keptOf(machine, team), agents: await livingIn(machine) };
  const command = commandOfPoint(machine, team, point.action);
  const killed = await kill(machine, point, { command, host: host?.kill ?? null, known: known.size });
  const ended = await Promise.race([command?.ended, pause(notInTime, "late" as const)]);
  if (ended === "late") return ["the command does not end"];
  await host?.ended;
  if (point.victim === "holder" && killed.length > 0) seen.holders += 1;
  if (host !== null) seen.hosts += 1;
  if (!point.isSoon) await atRest(machine);
  await nextStart(machine, team);
  await atRest(machine);
  const launched = (await journalsOf(machine)).filter(({ id }) => !known.has(id));
  // The last journal belongs to the next launch.
  const own = launched.length > 1 ? (launched[0]?.entries ?? []) : [];
  if (lastOf(own, "ended")?.state === "interrupted") seen.interrupted += 1;
  if (lastOf(own, "undone") !== undefined) seen.undone += 1;
  if (isSpawned(own)) seen.spawned += 1;
  const left = point.action === "stop" ? [] : before.agents.filter(({ holder }) => !killed.includes(holder));
  const running = await livingIn(machine);
  return [
    ...(ended === undefined ? [] : commandProblems(ended)),
    ...launched
      .filter(({ entries }) => lastOf(entries, "ended") === undefined)
      .map(({ id }) => `${id}: no end`),
    ...keptProblems(before.kept, keptOf(machine, team), own),
    ...left
      .filter(({ pid }) => !running.some((agent) => agent.pid === pid))
      .map(({ name }) => `${name} was ended`),
    ...(await leftIn(machine)),
    ...(machine.endedBystanders() === 0 ? [] : ["a bystander was ended"]),
  ];
};

const startHost = ({ dataDir }: LaunchMachine): ReturnType<typeof startKilledHost> => {
  const host = startKilledHost(inject("programs")["host-child"], dataDir, null);
  onTestFinished(host.kill);
  return host;
};

const commandOfPoint = (
  machine: LaunchMachine,
  team: string,
  action: Point["action"],
): RunningCommand | null => {
  if (action === "running") return null;
  if (action === "stop") return machine.gatehouse("stop", "--all", "--json");
  return machine.gatehouse("launch", machine.teamFile(team), "--json");
};

type Struck = {
  readonly command: RunningCommand | null;
  readonly host: (() => void) | null;
  /** The number of journals before the command. */
  readonly known: number;
};

/** Resolves when there are more than `known` journals, or after `notInTime`. */
const journalBegins = async (machine: LaunchMachine, known: number): Promise<void> => {
  for (let polls = 0; polls < notInTime / 5 && journalCount(machine) <= known; polls += 1) await pause(5);
};

/** Waits for the moment of the point, and kills. Returns the pids of killed holders. */
const kill = async (
  machine: LaunchMachine,
  { victim, from, after }: Point,
  { command, host, known }: Struck,
): Promise<readonly number[]> => {
  const over = command?.ended.then(() => "over") ?? pause(0, "over");
  if (from === "journal") await Promise.race([over, journalBegins(machine, known)]);
  if (command !== null) await Promise.race([over, pause(after)]);
  if (victim === "host") host?.();
  if (victim === "command") command?.child.kill("SIGKILL");
  if (victim !== "holder") return [];
  // At the beginning of a launch there is no holder yet.
  for (;;) {
    const holder = machine.processes().find((pid) => commandOf(pid).includes(" --hold "));
    if (holder !== undefined) killPid(holder);
    const isOver = (await Promise.race([over, pause(20, "on")])) === "over";
    if (holder !== undefined || isOver) return holder === undefined ? [] : [holder];
  }
};

/** Resolves once `ps` lists all processes, so that no holder is between its own start and its agent's. */
const atRest = (machine: LaunchMachine): Promise<void> =>
  expect.poll(() => unseenIn(machine), patience).toEqual([]);

type Living = { readonly name: string; readonly pid: number; readonly holder: number };

const livingIn = async (machine: LaunchMachine): Promise<readonly Living[]> => {
  const living = (await agentsOf(machine)).filter(({ state }) => state !== "ended" && state !== "lost");
  const holders = machine.processes().filter((pid) => commandOf(pid).includes(" --hold "));
  return living.flatMap(({ team, member, pid }) => {
    const holder = holders.find((it) => commandOf(it).includes(` --member ${member} --team ${team} `));
    return pid === null || holder === undefined ? [] : [{ name: `${team}/${member}`, pid, holder }];
  });
};

/** A command is wrong if it printed a bug, or ended without being killed and printed no document. */
const commandProblems = (ended: Ended): readonly string[] => {
  const isBug = /this is a bug|\n\s+at /.test(ended.stderr);
  const isMute = ended.code !== null && documentOf(ended) === null;
  return isBug || isMute ? [`exit ${ended.code}: ${ended.stdout}${ended.stderr}`] : [];
};

/** The end states of a launch that was not undone. */
const finished: ReadonlySet<LaunchState | undefined> = new Set(["ready", "starting", "waiting", "ended"]);

/** Compares the team before and after the kill. `entries` are the killed launch's journal; empty without a launch. */
const keptProblems = (
  before: Kept,
  after: Kept,
  entries: Awaited<ReturnType<typeof journalsOf>>[number]["entries"],
): readonly string[] => {
  const run = lastOf(entries, "run")?.run;
  const told = JSON.stringify({ before, after, journal: entries.map(({ type }) => type) });
  // A launch whose agents all run already starts none, and finishes.
  const isDone = finished.has(lastOf(entries, "ended")?.state);
  if (run === undefined || !(isDone || isSpawned(entries)))
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [`not as it was before: ${told}`];
  const snapshot = JSON.parse(after.snapshot ?? "null") as { readonly launch: string } | null;
  const earlier = lastOf(entries, "clearing")?.snapshot ?? null;
  const isWhole =
    after.team?.includes(`"name":"${run.team}"`) === true &&
    after.worktrees.join() === "cy" &&
    after.branches.includes(`gatehouse/${run.team}/cy`);
  return [
    ...(isWhole ? [] : [`half a team: ${told}`]),
    // From its first agent on, the launch is the team's last one, and its journal has the snapshot before it.
    ...(snapshot === null || snapshot.launch === run.id ? [] : [`the snapshot is another's: ${told}`]),
    ...(JSON.stringify(earlier) === (before.snapshot ?? "null") ? [] : [`lost the snapshot: ${told}`]),
  ];
};
