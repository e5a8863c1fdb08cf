import { setTimeout as pause } from "node:timers/promises";
import { lastOf, type LaunchState } from "@trust/team-launch";
import { expect, inject, onTestFinished } from "vitest";
import { startKilledHost } from "../chaos/killed-host.fixture.ts";
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
  killOne,
  makeLaunchGround,
  type Ended,
  type LaunchGround,
  type RunningCommand,
} from "./launch-ground.fixture.ts";

/** What a test has seen, that has to have happened for it to say something. */
export type Seen = { interrupted: number; undone: number; spawned: number; holders: number; hosts: number };

type Point = {
  /** `running`: no command is at work. */
  readonly action: "create" | "launch" | "running" | "stop";
  readonly victim: "command" | "holder" | "host";
  /** Ms after the command's start, or after a launch has begun its journal. */
  readonly from: "start" | "journal";
  readonly after: number;
  /** The next start comes at once, or when all that was started has come to rest. */
  readonly isSoon: boolean;
};

/** How long a launch took that nobody killed: until its journal began, and from then on, ms. */
type Usual = { readonly start: number; readonly journal: number };

const pointFrom = ({ below, pick }: Chances, usual: Usual): Point => {
  const actions = ["create", "create", "create", "launch", "launch", "launch", "running", "stop"] as const;
  const action = pick(actions);
  const victims = ["command", "command", "command", "holder", "holder", "host"] as const;
  const running = ["holder", "holder", "host"] as const;
  const victim = action === "running" ? pick(running) : pick(victims);
  const isLaunch = action === "create" || action === "launch";
  const from = isLaunch && below(6) > 0 ? "journal" : "start";
  // A launch takes most of its time from its first agent on; what comes before is as much of its story.
  const longest = from === "journal" && below(2) === 0 ? usual.journal / 8 : usual[from];
  return { action, victim, from, after: below(Math.max(1, Math.round(longest))), isSoon: below(2) === 0 };
};

const patience = { timeout: 60_000, interval: 20 };
const notInTime = 120_000;

/** So many kills on one ground, which each takes as the last one left it. */
export const killLaunches = async (
  kills: number,
  { seed, chances, seen }: { readonly seed: number; readonly chances: Chances; readonly seen: Seen },
): Promise<void> => {
  const ground = makeLaunchGround();
  let teams = 0;
  let team = `team-${teams}`;
  const began = performance.now();
  const first = ground.gatehouse("launch", ground.teamFile(team), "--json", "--timeout", "600");
  await Promise.race([first.ended, journalBegins(ground, 0)]);
  const journalAt = performance.now();
  expect(await first.ended).toMatchObject({ code: 0, stderr: "" });
  const usual = { start: journalAt - began, journal: performance.now() - journalAt };
  for (let number = 1; number <= kills; number += 1) {
    const point = pointFrom(chances, usual);
    if (point.action === "create") team = `team-${(teams += 1)}`;
    const problems = await strike(ground, team, point, seen);
    expect({ seed, number, point, problems }).toEqual({ seed, number, point, problems: [] });
  }
  expect(await ground.gatehouse("stop", "--all").ended).toMatchObject({ code: 0, stderr: "" });
  expect((await ground.gatehouse("ps").ended).stdout).toBe("No agents are held here.\n");
  await expect.poll(() => unseenIn(ground), patience).toEqual([]);
};

/** One command, the kill, and the next start. Gives what was wrong. */
const strike = async (
  ground: LaunchGround,
  team: string,
  point: Point,
  seen: Seen,
): Promise<readonly string[]> => {
  const host = point.victim === "host" ? startHost(ground) : null;
  if (host !== null && !(await host.ready)) return ["the host did not start"];
  const known = new Set((await journalsOf(ground)).map(({ id }) => id));
  const before = { kept: keptOf(ground, team), agents: await livingIn(ground) };
  const command = commandOfPoint(ground, team, point.action);
  const killed = await kill(ground, point, { command, host: host?.kill ?? null, known: known.size });
  const ended = await Promise.race([command?.ended, pause(notInTime, "late" as const)]);
  if (ended === "late") return ["the command does not end"];
  await host?.ended;
  if (point.victim === "holder" && killed.length > 0) seen.holders += 1;
  if (host !== null) seen.hosts += 1;
  if (!point.isSoon) await atRest(ground);
  await nextStart(ground, team);
  await atRest(ground);
  const launched = (await journalsOf(ground)).filter(({ id }) => !known.has(id));
  // The last one is the next start's.
  const own = launched.length > 1 ? (launched[0]?.entries ?? []) : [];
  if (lastOf(own, "ended")?.state === "interrupted") seen.interrupted += 1;
  if (lastOf(own, "undone") !== undefined) seen.undone += 1;
  if (isSpawned(own)) seen.spawned += 1;
  const left = point.action === "stop" ? [] : before.agents.filter(({ holder }) => !killed.includes(holder));
  const running = await livingIn(ground);
  return [
    ...(ended === undefined ? [] : commandProblems(ended)),
    ...launched
      .filter(({ entries }) => lastOf(entries, "ended") === undefined)
      .map(({ id }) => `${id}: no end`),
    ...keptProblems(before.kept, keptOf(ground, team), own),
    ...left
      .filter(({ pid }) => !running.some((agent) => agent.pid === pid))
      .map(({ name }) => `${name} was ended`),
    ...(await leftIn(ground)),
    ...(ground.endedBystanders() === 0 ? [] : ["a bystander was ended"]),
  ];
};

const startHost = ({ dataDir }: LaunchGround): ReturnType<typeof startKilledHost> => {
  const host = startKilledHost(inject("programs")["host-child"], dataDir, null);
  onTestFinished(host.kill);
  return host;
};

const commandOfPoint = (
  ground: LaunchGround,
  team: string,
  action: Point["action"],
): RunningCommand | null => {
  if (action === "running") return null;
  if (action === "stop") return ground.gatehouse("stop", "--all", "--json");
  return ground.gatehouse("launch", ground.teamFile(team), "--json");
};

type Struck = {
  readonly command: RunningCommand | null;
  readonly host: (() => void) | null;
  /** The journals that were there before. */
  readonly known: number;
};

/** Resolves when there are more journals than so many, or nobody waits for it any more. */
const journalBegins = async (ground: LaunchGround, known: number): Promise<void> => {
  for (let looks = 0; looks < notInTime / 5 && journalCount(ground) <= known; looks += 1) await pause(5);
};

/** Kills when it is time. Gives the processes that were killed. */
const kill = async (
  ground: LaunchGround,
  { victim, from, after }: Point,
  { command, host, known }: Struck,
): Promise<readonly number[]> => {
  const over = command?.ended.then(() => "over") ?? pause(0, "over");
  if (from === "journal") await Promise.race([over, journalBegins(ground, known)]);
  if (command !== null) await Promise.race([over, pause(after)]);
  if (victim === "host") host?.();
  if (victim === "command") command?.child.kill("SIGKILL");
  if (victim !== "holder") return [];
  // At the beginning of a launch there is none yet.
  for (;;) {
    const holder = ground.processes().find((pid) => commandOf(pid).includes(" --hold "));
    if (holder !== undefined) killOne(holder);
    const isOver = (await Promise.race([over, pause(20, "on")])) === "over";
    if (holder !== undefined || isOver) return holder === undefined ? [] : [holder];
  }
};

/** No process runs that nobody shows, and no holder is between its start and its agent. */
const atRest = (ground: LaunchGround): Promise<void> =>
  expect.poll(() => unseenIn(ground), patience).toEqual([]);

type Living = { readonly name: string; readonly pid: number; readonly holder: number };

const livingIn = async (ground: LaunchGround): Promise<readonly Living[]> => {
  const living = (await agentsOf(ground)).filter(({ state }) => state !== "ended" && state !== "lost");
  const holders = ground.processes().filter((pid) => commandOf(pid).includes(" --hold "));
  return living.flatMap(({ team, member, pid }) => {
    const holder = holders.find((it) => commandOf(it).includes(` --member ${member} --team ${team} `));
    return pid === null || holder === undefined ? [] : [{ name: `${team}/${member}`, pid, holder }];
  });
};

/** A command that was not killed ends by itself, with a document, and without a bug. */
const commandProblems = (ended: Ended): readonly string[] => {
  const isBug = /this is a bug|\n\s+at /.test(ended.stderr);
  const isMute = ended.code !== null && documentOf(ended) === null;
  return isBug || isMute ? [`exit ${ended.code}: ${ended.stdout}${ended.stderr}`] : [];
};

/** How a launch ends that was not taken back. */
const finished: ReadonlySet<LaunchState | undefined> = new Set(["ready", "starting", "waiting", "ended"]);

/** `entries` are the journal of the launch that was struck; empty if there was none. */
const keptProblems = (
  before: Kept,
  after: Kept,
  entries: Awaited<ReturnType<typeof journalsOf>>[number]["entries"],
): readonly string[] => {
  const run = lastOf(entries, "run")?.run;
  const told = JSON.stringify({ before, after, journal: entries.map(({ type }) => type) });
  // One whose agents all ran already starts none, and comes to its end.
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
    // From its first agent on the launch is the team's last, and its journal keeps the snapshot before it.
    ...(snapshot === null || snapshot.launch === run.id ? [] : [`the snapshot is another's: ${told}`]),
    ...(JSON.stringify(earlier) === (before.snapshot ?? "null") ? [] : [`lost the snapshot: ${told}`]),
  ];
};
