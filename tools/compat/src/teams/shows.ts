import { existsSync } from "node:fs";
import { parseJson } from "@gatehouse/std";
import { differs } from "../check/differs.ts";
import { agentsIn, awaited, journalsIn, launchProblems, membersOf, type Stage } from "./stage.ts";
import { claude, codex, repositories, storedIn, takesTurn, worktree } from "./team-parts.ts";
import type { TeamScenario } from "./team-scenario.ts";

/** The states of the launches of a data folder, the newest first. */
const statesOfLaunches = async ({ gatehouse, box }: Stage): Promise<readonly unknown[]> => {
  const { stdout } = await gatehouse(["launches", "list", "--json", "--data", box.data]);
  const { launches = [] } = Object(parseJson(stdout)) as { readonly launches?: readonly object[] };
  return launches.map((launch) => Object(launch)["state"] as unknown);
};

/**
 * A person attaches to an agent and leaves it: the screen has the agent's last answer, and the agent keeps
 * running.
 */
const attaches = async ({ openTerminal, box }: Stage, member: string): Promise<string[]> => {
  const terminal = await openTerminal(["attach", member, "--data", box.data]);
  const seen = await awaited(`the screen of ${member}, attached`, () =>
    terminal.text().includes("you said: "),
  );
  terminal.write("\x1c");
  return [...seen, ...differs("the exit code of attach", await terminal.ended, 0)];
};

/**
 * The launcher is killed while it waits for its agents; the agents keep running, and the next launch keeps
 * them.
 */
const shows = async (stage: Stage): Promise<string[]> => {
  const { box } = stage;
  const isSettling = () =>
    awaited("the step settle", () => journalsIn(box.data).some((text) => text.includes('"step":"settle"')));
  const killed = await stage.launch({ interrupt: { signal: "SIGKILL", when: isSettling } });
  const outlived = await agentsIn(stage);
  const kept = await stage.launch();
  const running = await agentsIn(stage);
  const turn = [...(await takesTurn(stage, "ana")), ...(await attaches(stage, "ana"))];
  const ended = await statesOfLaunches(stage);
  const stopped = await stage.gatehouse(["stop", "--all", "--json"]);
  const pidsOf = (agents: typeof running) => agents.map(({ member, pid }) => `${member} ${pid}`).toSorted();
  return [
    ...differs("the exit code of the killed launch", killed.exitCode, null),
    ...differs("whom ps lists after it", outlived.map(({ member }) => member).toSorted(), [
      "ana",
      "bo",
      "cy",
    ]),
    ...differs("the states of the launches", ended, ["ready", "interrupted"]),
    ...launchProblems(stage, kept, {
      ...{ exit: 0, state: "ready", trusted: ["w/app", "w/shop"] },
      members: ["ana ready already-trusted", "bo ready not-needed", "cy ready already-trusted"],
    }),
    ...differs("the agents that run on", pidsOf(running), pidsOf(outlived)),
    ...differs("how often a CLI was started as an agent", agentStarts(stage), 3),
    ...turn,
    ...differs("the exit code of stop --all", stopped.exitCode, 0),
    ...differs("whom ps lists after stop --all", await agentsIn(stage), []),
    ...differs(
      "processes of agents",
      running.filter(({ pid }) => pid !== null && existsSync(`/proc/${pid}`)),
      [],
    ),
  ];
};

/** Preflight's own starts are protected, or speak the control protocol. */
const agentStarts = (stage: Stage): number =>
  stage.starts().filter(({ args }) => !args.includes("--bare") && !args.includes("stream-json")).length;

/**
 * One of the folders is HOME: the launch is refused before anything is started, and the earlier launch is not
 * touched.
 */
const home = async (stage: Stage): Promise<string[]> => {
  const { box } = stage;
  const first = await stage.launch();
  const problems = launchProblems(stage, first, {
    ...{ exit: 0, state: "ready", members: ["ana ready trusted"], trusted: ["w/app"] },
  });
  const [stored, running, starts] = [storedIn(box.data), await agentsIn(stage), stage.starts().length];
  const team = stage.teamFile([claude("ana", "w/app"), worktree("cy", "w/shop"), claude("ho", '"~"')]);
  const second = await stage.launch({ team });
  const ho = membersOf(second).find(({ member }) => member === "ho");
  return [
    ...problems,
    ...launchProblems(stage, second, {
      ...{ exit: 1, state: "blocked", trusted: ["w/app"] },
      members: ["ana blocked", "cy blocked", "ho blocked home-not-persistable blocked"],
    }),
    ...differs("the reason", ho?.message?.includes("is the home folder"), true),
    ...differs("the fix", ho?.fix?.startsWith("Name a folder below the home folder"), true),
    ...differs("what it started", stage.starts().length - starts, 0),
    ...differs("the stored team and its last launch", storedIn(box.data), stored),
    ...differs("the agents that run", await agentsIn(stage), running),
    ...differs("the worktrees are there", existsSync(`${box.data}/worktrees/shop/cy`), false),
  ];
};

/** An unknown key in the environment: Claude Code asks about it, and no launch answers without a consent. */
const apiKey = async (stage: Stage): Promise<string[]> => {
  const asked = await stage.launch({ consents: [] });
  const questions = membersOf(asked).map(({ question = "" }) => question.includes("custom API key"));
  await stage.gatehouse(["stop", "--all"]);
  return [
    ...launchProblems(stage, asked, {
      ...{ exit: 3, state: "waiting", members: ["ana waiting consent-needed trusted"], trusted: ["w/app"] },
    }),
    ...differs("the question is that of the key", questions, [true]),
    ...launchProblems(stage, await stage.launch(), {
      ...{ exit: 0, state: "ready", members: ["ana ready already-trusted"], trusted: ["w/app"] },
    }),
  ];
};

/** The launches that the issue shows, in parts that take seconds: with only Claude Code. */
export const claudeShows: readonly TeamScenario[] = [
  {
    name: "launch-home",
    why: "One of three folders is HOME: blocked before anything is started, and the launch before it is intact.",
    providers: ["claude"],
    arrange: repositories("w/app", "w/shop"),
    team: [claude("ana", "w/app")],
    play: home,
  },
  {
    name: "launch-api-key",
    why: "A dummy ANTHROPIC_API_KEY: the question about it waits for a person, or for its consent.",
    providers: ["claude"],
    arrange: repositories("w/app"),
    team: [claude("ana", "w/app")],
    play: apiKey,
  },
];

/** With Codex. */
export const codexShows: readonly TeamScenario[] = [
  {
    name: "launch-shows",
    why: "Three folders, one a worktree, of Claude Code and Codex: the launcher is killed, the agents keep running, and run a turn.",
    providers: ["claude", "codex"],
    arrange: repositories("w/app", "w/api", "w/shop"),
    team: [claude("ana", "w/app"), codex("bo", "w/api"), worktree("cy", "w/shop")],
    play: shows,
  },
  {
    name: "launch-codex-home",
    why: "An isolated CODEX_HOME without a sign-in: the picker waits for a person, and no key is pressed.",
    providers: ["codex"],
    env: (box) => ({ CODEX_HOME: box.path("elsewhere") }),
    arrange: (box) => {
      repositories("w/app")(box);
      box.folder("elsewhere");
    },
    team: [codex("ana", "w/app")],
    play: async (stage) => [
      ...launchProblems(stage, await stage.launch(), {
        ...{ exit: 3, state: "waiting", members: ["ana waiting sign-in-needed not-needed"], trusted: [] },
      }),
      ...differs("auth.json is there", existsSync(stage.box.path("elsewhere/auth.json")), false),
    ],
  },
];
