import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argsOfPlan, execute, planArgsOnly } from "@trust/preflight/node";
import { folderContext } from "@trust/codex-overrides/node";
import type { PreflightRequest, Provider } from "@trust/preflight";
import type { Result } from "@gatehouse/std";
import { onTestFinished } from "vitest";
import { defaultFlags } from "../flags.ts";
import { lastOf, type JournalEntry } from "../lifecycle/journal.ts";
import type { AgentPort, AgentSight, AgentStart, LaunchPorts } from "../lifecycle/launch-ports.ts";
import type { LaunchError, LaunchReport, LaunchSnapshot, LaunchState } from "../lifecycle/launch-run.ts";
import { launchTeam, type LaunchSetting } from "../lifecycle/launch-team.ts";
import type { LaunchProgress, LaunchRequest } from "../stages/launch-facts.ts";
import { stepNames, type StepName } from "../stages/step-names.ts";
import type { Team, TeamMember } from "../team/team.ts";
import { trustPolicy } from "../trust-policy.ts";
import { lookAndPlan } from "./folder-port.ts";
import { scriptedAgents, type Scripts } from "../testing/scripted-agents.ts";
import { launchFiles } from "./store/launch-files.ts";
import { launchStore } from "./store/launch-store.ts";
import { watchStops } from "./store/watch-stops.ts";
import type { KeptLaunch } from "../lifecycle/journal.ts";
import { readJournals } from "./store/read-journals.ts";
import { gitWorktrees } from "./worktrees/git-worktrees.ts";

type Options = Partial<LaunchRequest> & {
  /** By member. A member without a script is ready at once. */
  readonly scripts?: Scripts;
  /** The caller cancels when this step begins, or when the first agent is about to be started. */
  readonly leavesAt?: StepName | "spawning";
  /** Another process stops the team's launches when this step begins, or when the first agent is about to be started. */
  readonly stoppedAt?: StepName | "spawning";
  /** The launcher throws when this step begins, as if it was killed. */
  readonly breaksAt?: StepName;
  readonly runtime?: Partial<AgentPort>;
  /** Preflight's report has no results. */
  readonly losesResults?: boolean;
  readonly onPreflight?: LaunchSetting["onPreflight"];
  /** Called once the launch notices each later change of the stop file. */
  readonly onWatching?: () => void;
};

/** The leftovers of a launch that a later launch, or a person, finds. */
type Kept = {
  readonly team: Team | null;
  readonly snapshot: LaunchSnapshot | null;
  readonly worktrees: readonly string[];
  readonly branches: string;
  readonly artifacts: number;
  readonly ends: readonly (LaunchState | undefined)[];
};

export type LaunchFixture = {
  readonly home: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** The agents that were started and have not ended. */
  readonly agents: AgentSight[];
  readonly started: readonly AgentStart[];
  /** The requests to preflight, in order. */
  readonly asked: readonly Asked[];
  readonly at: (name: string) => string;
  readonly git: (...args: readonly string[]) => string;
  readonly member: (name: string, folder: string, more?: Partial<TeamMember>) => TeamMember;
  readonly team: (...members: readonly TeamMember[]) => Team;
  readonly run: (team: Team, options?: Options) => Promise<Ran>;
  readonly journals: () => Promise<readonly KeptLaunch[]>;
  readonly kept: () => Promise<Kept>;
  /** Advances the launches' clock by this many milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
};

export type Asked = Pick<PreflightRequest, "pairs" | "via"> & { readonly stage: string };

type Ran = Result<LaunchReport, LaunchError> & { readonly progress: readonly LaunchProgress[] };

/** A HOME whose Claude trusts `trusted` and `repo` (with one commit); a data folder; scripted agents. */
export const launchFixture = (): LaunchFixture => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "team-launch-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const at = (name: string): string => join(root, name);
  const [home, dataDir] = [at("home"), at("data")];
  for (const folder of [home, at("trusted"), at("repo"), at("fresh")]) mkdirSync(folder);
  const env = { HOME: home, PATH: "/usr/bin:/bin" };
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", at("repo"), ...args], {
      encoding: "utf8",
      env: { ...env, GIT_CONFIG_GLOBAL: "/dev/null" },
    });
  git("init", "--quiet", "--initial-branch=main");
  git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "--message=first");
  const trust = (name: string) => [at(name), { hasTrustDialogAccepted: true, allowedTools: [] }];
  const projects = Object.fromEntries([trust("trusted"), trust("repo")]) as object;
  writeFileSync(
    join(home, ".claude.json"),
    JSON.stringify({ hasCompletedOnboarding: true, theme: "dark", projects }),
  );

  const time = clock();
  const scripted = scriptedAgents();
  const asked: Asked[] = [];
  const ask = (stage: string, { pairs = [], via }: PreflightRequest): void =>
    void asked.push({ stage, pairs, ...(via === undefined ? {} : { via }) });
  const planned = lookAndPlan(home);
  const trustPort: LaunchPorts["trust"] = {
    context: () => folderContext(home),
    planArgsOnly: (request, surfaces) => (ask("planArgsOnly", request), planArgsOnly(request, surfaces)),
    argsOfPlan: (plan, surfaces) => (ask("argsOfPlan", plan.request), argsOfPlan(plan, surfaces)),
    planFull: (request) => (ask("planFull", request), planned.planFull(request)),
    execute: (plan, watch) => (ask("execute", plan.request), execute(plan, watch)),
  };
  const member = (name: string, folder: string, more: Partial<TeamMember> = {}): TeamMember => ({
    name,
    role: "member",
    provider: "claude" as Provider,
    folder: folder === "home" ? home : at(folder),
    worktree: false,
    ...more,
  });
  const team = (...members: readonly TeamMember[]): Team => {
    const [lead = member("ana", "trusted"), ...rest] = members;
    return { name: "shop", lead: { ...lead, role: "lead" }, members: rest };
  };
  const run = async (
    ofTeam: Team,
    {
      scripts = {},
      leavesAt,
      stoppedAt,
      breaksAt,
      runtime,
      losesResults = false,
      onPreflight,
      onWatching,
      ...more
    }: Options = {},
  ): Promise<Ran> => {
    const progress: LaunchProgress[] = [];
    const leaving = new AbortController();
    const stops = await watchStops(dataDir, ofTeam.name, leaving.signal);
    onWatching?.();
    let looks = 0;
    // Before the run nothing is written to the journal. Each step begins with a check for stops.
    const look = async (): Promise<void> => {
      if (looks > 0 && looks <= beforeRun && stepNames[looks - 1] === leavesAt) leaving.abort();
      looks += 1;
      await stops.look();
    };
    const ports: LaunchPorts = {
      trust: losesResults ? withoutResults(trustPort) : trustPort,
      folders: planned.folders,
      store: launchStore(dataDir, trustPolicy(more.flags ?? defaultFlags).locks),
      worktrees: gitWorktrees(dataDir, env),
      agents: { ...scripted.port(scripts), ...runtime },
      clock: time,
      stops: { ...stops, look },
    };
    const { note } = ports.store;
    const leave = (entry: JournalEntry): void => {
      const at = entry.type === "step" ? entry.step : entry.type;
      if (at === leavesAt) leaving.abort();
      if (at === stoppedAt) writeStop(dataDir, ofTeam.name);
    };
    const store = {
      ...ports.store,
      note: async (id: string, entry: JournalEntry) => {
        leave(entry);
        await note(id, entry);
        if (entry.type === "step" && entry.step === breaksAt) throw new Error("broken off");
      },
    };
    const request = { team: ofTeam, flags: defaultFlags, env, dataDir, timeoutMs: 2000, ...more };
    const redact = (text: string): string => text.replaceAll(home, "~");
    const watch = {
      signal: stops.signal,
      onProgress: (it: LaunchProgress) => progress.push(it),
      redact,
      ...(onPreflight === undefined ? {} : { onPreflight }),
    };
    onTestFinished(stops.end);
    return { ...(await launchTeam(request, { ...ports, store }, watch)), progress };
  };
  return {
    home,
    dataDir,
    env,
    at,
    git,
    agents: scripted.known,
    started: scripted.started,
    asked,
    member,
    team,
    run,
    journals: () => readJournals(dataDir),
    pause: (milliseconds) => time.pause(milliseconds, new AbortController().signal),
    kept: async () => {
      const store = launchStore(dataDir, "between-processes");
      const all = await readJournals(dataDir);
      const files = (folder: string): readonly string[] =>
        existsSync(join(dataDir, folder)) ? readdirSync(join(dataDir, folder)).sort() : [];
      return {
        team: await store.team("shop"),
        snapshot: await store.snapshot("shop"),
        worktrees: files("worktrees/shop"),
        branches: git("branch", "--list", "gatehouse/*").trim(),
        artifacts: files("launches/artifacts").length,
        ends: all.map(({ entries }) => lastOf(entries, "ended")?.state),
      };
    },
  };
};

const beforeRun = stepNames.indexOf("run");

/** Requests a stop like `stopLaunch`, but does not wait for the end. */
const writeStop = (dataDir: string, team: string): void =>
  writeFileSync(launchFiles(dataDir).stop(team), randomUUID());

const withoutResults = (trust: LaunchPorts["trust"]): LaunchPorts["trust"] => ({
  ...trust,
  execute: async (plan, watch) => ({ ...(await trust.execute(plan, watch)), results: [] }),
});

/** A clock that advances at each read. */
const clock = (): LaunchPorts["clock"] => {
  let at = Date.UTC(2026, 10, 21, 23, 0, 0);
  let nonce = 0;
  return {
    now: () => (at += 10),
    pause: async (milliseconds) => void (at += milliseconds),
    nonce: () => String((nonce += 1)),
  };
};
