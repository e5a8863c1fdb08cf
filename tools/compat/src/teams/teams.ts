import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "@gatehouse/std";
import { readState, trustedKeys } from "../box/state.ts";
import { differs } from "../check/differs.ts";
import { programWithoutPty } from "../start/programs.ts";
import {
  agentsIn,
  apiKeyIsUsed,
  awaited,
  journalsIn,
  keyProblems,
  launchProblems,
  membersOf,
  otherData,
  type Ended,
  type ExpectedLaunch,
  type Stage,
} from "./stage.ts";
import { claude, codex, launches, repositories, storedIn, takesTurn, worktree } from "./team-parts.ts";
import type { TeamScenario } from "./team-scenario.ts";

const isAlive = (pid: number | null): boolean => pid !== null && existsSync(`/proc/${pid}`);

/** Stops one of two agents: its real CLI ends, and the other keeps running. */
const stopsOne = async (stage: Stage, name: string, other: string): Promise<string[]> => {
  const before = await agentsIn(stage);
  const pidOf = (member: string) => before.find((agent) => agent.member === member)?.pid ?? null;
  const wereAlive = [name, other].map(pidOf).map(isAlive);
  const stopped = await stage.gatehouse(["stop", name, "--json"]);
  const lock = stage.box.path(".claude.json.lock");
  return [
    ...differs("the agents that ran", wereAlive, [true, true]),
    ...differs("the exit code of stop", stopped.exitCode, 0),
    ...differs("the agent that was stopped runs", isAlive(pidOf(name)), false),
    ...differs("the other agent runs", isAlive(pidOf(other)), true),
    ...differs("Claude Code's lock is there", existsSync(lock), false),
    ...differs(
      "what ps lists",
      (await agentsIn(stage)).map(({ member, pid }) => [member, pid]),
      before.filter(({ member }) => member !== name).map(({ member, pid }) => [member, pid]),
    ),
  ];
};

/** The code of each folder's preflight, of all launches of a data folder. */
const trustCodesIn = (data: string): readonly string[] =>
  journalsIn(data)
    .flatMap((journal) => journal.split("\n").map(parseJson))
    .flatMap((entry) => {
      const { preflight } = Object(entry) as {
        readonly preflight?: { readonly strategyResults: readonly { readonly status: string }[] };
      };
      return preflight?.strategyResults.map(({ status }) => status) ?? [];
    });

/** Ends a launch while its preflight's Claude Code runs, once `isAsked` resolves. */
type Ending = (stage: Stage, team: string, isAsked: Promise<unknown>) => Promise<Interrupted>;

/** The launch's output, and problems with the agents that ran before. */
type Interrupted = {
  readonly launch: Ended;
  readonly problems: readonly string[];
  readonly runsOn: boolean;
};

const byCtrlC: Ending = async (stage, team, isAsked) => {
  const launch = await stage.launch({ team, interrupt: { signal: "SIGINT", when: () => isAsked } });
  return { launch, problems: [], runsOn: true };
};

/** Stops from another process, which also ends the team's agents. */
const byStop: Ending = async (stage, team, isAsked) => {
  const launching = stage.launch({ team });
  await isAsked;
  const stopped = await stage.gatehouse(["stop", "shop", "--json"]);
  const { launches, agents } = Object(parseJson(stopped.stdout)) as {
    readonly launches?: readonly { readonly team: string; readonly ok: boolean }[];
    readonly agents?: readonly { readonly member: string; readonly ok: boolean }[];
  };
  const problems = [
    ...differs("the exit code of stop", stopped.exitCode, 0),
    ...differs(
      "the launches that it ended",
      launches?.map(({ team: of, ok }) => [of, ok]),
      [["shop", true]],
    ),
    ...differs(
      "the agents that it ended",
      agents?.map(({ member, ok }) => [member, ok]),
      [["ana", true]],
    ),
  ];
  return { launch: await launching, problems, runsOn: false };
};

const isTrusted = (box: Stage["box"], folder: string): boolean =>
  trustedKeys(readState(box, {})).includes(box.path(folder));

/** The things that a launch must leave unchanged if it is ended while it asks for trust. */
const cancelled =
  (end: Ending) =>
  async (stage: Stage): Promise<string[]> => {
    const { box } = stage;
    const first = await stage.launch();
    const expected = { exit: 0, state: "ready", members: ["ana ready trusted"], trusted: ["w/app"] };
    const problems = launchProblems(stage, first, expected);
    const [stored, running, starts] = [storedIn(box.data), await agentsIn(stage), stage.starts().length];
    const team = stage.teamFile([claude("ana", "w/app"), claude("bo", "w/api"), worktree("cy", "w/shop")]);
    const isAsked = awaited("the second preflight's Claude Code", () => stage.starts().length > starts);
    const second = await end(stage, team, isAsked);
    const branches = readFileSync(box.path("w/shop/.git/HEAD"), "utf8");
    return [
      ...problems,
      ...(await isAsked),
      ...second.problems,
      ...differs("the exit code of the interrupted launch", second.launch.exitCode, 130),
      ...differs("what it started", stage.starts().length - starts, 1),
      ...differs(
        "its members",
        membersOf(second.launch).map(({ member, state }) => `${member} ${state}`),
        ["ana blocked", "bo blocked", "cy blocked"],
      ),
      ...differs("the stored team and its last launch", storedIn(box.data), stored),
      ...differs("the agents that run", await agentsIn(stage), second.runsOn ? running : []),
      ...differs("the worktree is there", existsSync(join(box.data, "worktrees/shop/cy")), false),
      ...differs(
        "its branch is there",
        existsSync(box.path("w/shop/.git/refs/heads/gatehouse/shop/cy")),
        false,
      ),
      ...differs("the checkout of the repository", branches, "ref: refs/heads/main\n"),
      // A folder that was answered before the launch noticed the stop stays trusted.
      ...keyProblems(box, ["w/app", ...["w/api", "w/shop"].filter((folder) => isTrusted(box, folder))]),
    ];
  };

const twoAtOnce = async (stage: Stage): Promise<string[]> => {
  const { box } = stage;
  const folders = [box.data, otherData(box)];
  const ends = await Promise.all(folders.map((data) => stage.launch({ data })));
  const trust = ends.map((end) => membersOf(end).map((member) => member.trust));
  const expected = (at: number): ExpectedLaunch => ({
    ...{ exit: 0, state: "ready", trusted: ["w/app"] },
    members: [`ana ready ${trust[at]?.join()}`],
  });
  return [
    ...ends.flatMap((end, at) => launchProblems(stage, end, expected(at))),
    ...differs("the codes of both preflights", folders.flatMap(trustCodesIn).toSorted(), [
      "already-trusted-after-wait",
      "trusted",
    ]),
  ];
};

/** Without node-pty, trust is asked for over the control protocol, and no agent can be held. */
const withoutPty = async (stage: Stage): Promise<string[]> => {
  const { box } = stage;
  const program = await programWithoutPty("gatehouse", join(box.root, "without-pty"));
  const ended = await stage.launch({ program });
  const refused = membersOf(ended).map(({ message = "", fix }) => [message.includes("node-pty"), fix]);
  const because = [true, "workspace-trust doctor says what is missing."];
  return [
    ...launchProblems(stage, ended, {
      ...{ exit: 1, state: "blocked", trusted: ["w/app"] },
      members: ["ana blocked pty-unavailable trusted", "bo blocked pty-unavailable not-needed"],
    }),
    ...differs("what is said", refused, [because, because]),
    ...differs("what is stored of the team", storedIn(box.data), [null, null]),
  ];
};

/** Without a sign-in: Claude Code, which cannot reach its server, reports that and ends; Codex waits. */
const signIn = async (stage: Stage): Promise<string[]> => {
  const ended = await stage.launch();
  const codes = membersOf(ended).map(({ member, code }) => `${member} ${code}`);
  return [
    ...differs("the exit code of the launch", ended.exitCode, 3),
    ...differs("why its members wait", codes, ["ana no-connection", "bo sign-in-needed"]),
    ...keyProblems(stage.box, ["w/app"]),
  ];
};

/** Claude Code without its questions about tools: its question about that mode is one of its start. */
const bypass = async (stage: Stage): Promise<string[]> => {
  const expected = { exit: 3, state: "waiting", members: ["ana waiting consent-needed trusted"] };
  const first = await stage.launch();
  const asked = membersOf(first).map(({ question = "" }) => question.includes("Bypass Permissions mode"));
  const problems = launchProblems(stage, first, { ...expected, trusted: ["w/app"] });
  await stage.gatehouse(["stop", "--all"]);
  const second = await stage.launch({ consents: [...apiKeyIsUsed, "bypass=accept"] });
  return [
    ...problems,
    ...differs("the question is that of bypass", asked, [true]),
    ...launchProblems(stage, second, {
      ...{ exit: 0, state: "ready", members: ["ana ready already-trusted"], trusted: ["w/app"] },
    }),
  ];
};

/** Teams with only Claude Code. */
export const claudeTeams: readonly TeamScenario[] = [
  {
    name: "launch-claude",
    why: "A team of Claude Code: a repository, a sub-folder of another, a symlinked one, and a worktree of a fourth.",
    providers: ["claude"],
    arrange: (box) => {
      repositories("w/app", "w/mono", "w/real", "w/shop")(box);
      box.folder("w/mono/packages/one");
      box.link("w/link", "w/real");
    },
    team: [
      claude("ana", "w/app"),
      claude("bo", "w/mono/packages/one"),
      claude("cy", "w/link"),
      worktree("di", "w/shop"),
    ],
    play: launches({
      ...{ exit: 0, state: "ready", trusted: ["w/app", "w/mono", "w/real", "w/shop"] },
      members: ["ana ready trusted", "bo ready trusted", "cy ready trusted", "di ready trusted"],
    }),
  },
  {
    name: "launch-cancelled",
    why: "Ctrl-C while trust is asked for: nothing was started, and the team is unchanged.",
    providers: ["claude"],
    arrange: repositories("w/app", "w/api", "w/shop"),
    team: [claude("ana", "w/app")],
    play: cancelled(byCtrlC),
  },
  {
    name: "launch-stopped-in-preflight",
    why: "gatehouse stop TEAM while trust is asked for: nothing was started, and the team is unchanged.",
    providers: ["claude"],
    arrange: repositories("w/app", "w/api", "w/shop"),
    team: [claude("ana", "w/app")],
    play: cancelled(byStop),
  },
  {
    name: "launch-two-at-once",
    why: "Two launches with different data folders over one fresh folder: one asks, the other waits for it.",
    providers: ["claude"],
    arrange: repositories("w/app"),
    team: [claude("ana", "w/app")],
    play: twoAtOnce,
  },
  {
    name: "launch-stop",
    why: "One of two agents in one folder is stopped: it ends, its lock is gone, and the other keeps running.",
    providers: ["claude"],
    arrange: repositories("w/app"),
    team: [claude("ana", "w/app"), claude("bo", "w/app")],
    play: async (stage) => [
      ...launchProblems(stage, await stage.launch(), {
        ...{ exit: 0, state: "ready", trusted: ["w/app"] },
        members: ["ana ready trusted", "bo ready trusted"],
      }),
      ...(await stopsOne(stage, "ana", "bo")),
    ],
  },
  {
    name: "launch-bypass",
    why: "--dangerously-skip-permissions after preflight: trust is as planned, and its question needs a consent.",
    providers: ["claude"],
    // Root may use this flag only in a sandbox.
    env: { IS_SANDBOX: "1" },
    claudeArgs: ["--dangerously-skip-permissions"],
    arrange: repositories("w/app"),
    team: [claude("ana", "w/app")],
    play: bypass,
  },
];

/** Teams with Codex. Those with a member of Claude Code use its newest version. */
export const codexTeams: readonly TeamScenario[] = [
  {
    name: "launch-codex",
    why: "A team of Codex: no trust of Claude Code is written, and its state is not touched.",
    providers: ["codex"],
    arrange: repositories("w/app", "w/api"),
    team: [codex("ana", "w/app"), codex("bo", "w/api")],
    play: async (stage) => {
      const state = readFileSync(stage.box.path(".claude.json"), "utf8");
      return [
        ...(await launches({
          ...{ exit: 0, state: "ready", trusted: [] },
          members: ["ana ready not-needed", "bo ready not-needed"],
        })(stage)),
        ...differs("Claude Code's state", readFileSync(stage.box.path(".claude.json"), "utf8"), state),
      ];
    },
  },
  {
    name: "launch-claude-lead",
    why: "A lead of Claude Code with a member of Codex: each runs a turn.",
    providers: ["claude", "codex"],
    arrange: repositories("w/app", "w/api"),
    team: [claude("ana", "w/app"), codex("bo", "w/api")],
    play: async (stage) => [
      ...(await launches({
        ...{ exit: 0, state: "ready", trusted: ["w/app"] },
        members: ["ana ready trusted", "bo ready not-needed"],
      })(stage)),
      ...(await takesTurn(stage, "ana")),
      ...(await takesTurn(stage, "bo")),
    ],
  },
  {
    name: "launch-codex-lead",
    why: "A lead of Codex with a member of Claude Code, in one folder: it is trusted for each in the way of its CLI.",
    providers: ["claude", "codex"],
    arrange: repositories("w/app"),
    team: [codex("ana", "w/app"), claude("bo", "w/app")],
    play: launches({
      ...{ exit: 0, state: "ready", trusted: ["w/app"] },
      members: ["ana ready not-needed", "bo ready trusted"],
    }),
  },
  {
    name: "launch-config-toml",
    why: "Codex's config.toml is the same to the byte when Codex is started as before preflight.",
    providers: ["codex"],
    arrange: repositories("w/app"),
    team: [codex("ana", "w/app")],
    play: async (stage) => {
      const config = readFileSync(stage.box.path(".codex/config.toml"), "utf8");
      return [
        ...(await launches({
          ...{ exit: 0, state: "ready", members: ["ana ready not-needed"], trusted: [] },
        })(stage)),
        ...differs(
          "config.toml at each start of Codex",
          stage.starts().map((start) => start.config),
          [config],
        ),
      ];
    },
  },
  {
    name: "launch-without-pty",
    why: "node-pty is missing: trust is asked for all the same, and the launch is blocked with its reason.",
    providers: ["claude", "codex"],
    arrange: repositories("w/app"),
    team: [claude("ana", "w/app"), codex("bo", "w/app")],
    play: withoutPty,
  },
  {
    name: "launch-sign-in",
    why: "A HOME without a sign-in: each agent's question is named, and the launch reports that it needs a person.",
    providers: ["claude", "codex"],
    fresh: true,
    env: { ANTHROPIC_API_KEY: "", STAND_IN_KEY: "" },
    arrange: repositories("w/app"),
    team: [claude("ana", "w/app"), codex("bo", "w/app")],
    play: signIn,
  },
];
