import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Box } from "../box/box.ts";
import { readState, textOf, trustedKeys } from "../box/state.ts";
import { differs } from "../check/differs.ts";
import type { Provider } from "@gatehouse/provider-facts";
import { agentsIn, awaited, keyProblems, launchProblems, type Stage } from "./stage.ts";

/** The CLIs that may be members of a team here. */
export type TeamProvider = Extract<Provider, "claude" | "codex">;

/** One situation in which `gatehouse launch` starts a team of real CLIs. */
export type TeamScenario = {
  readonly name: string;
  readonly providers: readonly TeamProvider[];
  /** Git repositories that are created, relative to HOME. */
  readonly repositories: readonly string[];
  /** Launches, and returns one sentence for each problem. The checks common to all teams follow it. */
  readonly play: (stage: Stage) => Promise<readonly string[]>;
};

/** A member in one line of YAML. */
const member = (name: string, provider: TeamProvider, folder: string, more = ""): string =>
  `{ name: ${name}, provider: ${provider}, folder: ${folder}${more} }`;
const ana = member("ana", "claude", "w/app");
const cy = member("cy", "claude", "w/shop", ", worktree: true");

/** A launch of Claude Code and Codex, with a worktree: all members become ready. */
export const mixedTeam: TeamScenario = {
  name: "launch-team",
  providers: ["claude", "codex"],
  repositories: ["w/app", "w/api", "w/shop"],
  play: async (stage) => {
    stage.writeTeam([ana, member("bo", "codex", "w/api"), cy]);
    const ended = await stage.launch();
    const running = await agentsIn(stage);
    return [
      ...launchProblems(ended, {
        exit: 0,
        state: "ready",
        members: ["ana ready trusted", "bo ready not-needed", "cy ready trusted"],
      }),
      ...keyProblems(stage.box, ["w/app", "w/shop"]),
      ...differs(
        "the agents that run",
        running.map(({ member, pid }) => `${member} ${existsSync(`/proc/${pid}`)}`).toSorted(),
        ["ana true", "bo true", "cy true"],
      ),
    ];
  },
};

/** The team and its last launch, as the data folder keeps them. */
const storedIn = (box: Box): readonly (string | null)[] =>
  ["teams", "last"].map((folder) => textOf(join(box.data, "launches", folder, "shop.json")));

/** A second launch is cancelled while it asks for trust: it starts no agent, and leaves the team unchanged. */
export const cancelledLaunch: TeamScenario = {
  name: "launch-cancelled",
  providers: ["claude"],
  repositories: ["w/app", "w/api", "w/shop"],
  play: async (stage) => {
    const { box } = stage;
    stage.writeTeam([ana]);
    const first = launchProblems(await stage.launch(), {
      exit: 0,
      state: "ready",
      members: ["ana ready trusted"],
    });
    const [stored, running, starts] = [storedIn(box), await agentsIn(stage), stage.starts().length];
    stage.writeTeam([ana, member("bo", "claude", "w/api"), cy]);
    const cancel = new AbortController();
    const launching = stage.launch(cancel.signal);
    const isAsked = await awaited(() => stage.starts().length > starts);
    cancel.abort();
    const second = await launching;
    // A folder that was accepted before the launch noticed its end stays trusted.
    const trusted = trustedKeys(readState(box, {}));
    const accepted = ["w/api", "w/shop"].filter((folder) => trusted.includes(box.path(folder)));
    const branch = "w/shop/.git/refs/heads/gatehouse/shop/cy";
    return [
      ...first,
      ...differs("Claude Code was asked for trust", isAsked, true),
      ...differs("the exit code of the cancelled launch", second.exitCode, 143),
      ...differs("the CLIs that it started", stage.starts().length - starts, 1),
      ...differs("the stored team and its last launch", storedIn(box), stored),
      ...differs("the agents that run", await agentsIn(stage), running),
      ...differs("the worktree is there", existsSync(join(box.data, "worktrees/shop/cy")), false),
      ...differs("its branch is there", existsSync(box.path(branch)), false),
      ...keyProblems(box, ["w/app", ...accepted]),
    ];
  },
};
