import type { Provider } from "@trust/preflight";

/** `create`: the data folder has no such team. `launch`: it has one. They differ in how a blocked launch is undone. */
export type LaunchMode = "create" | "launch";

/** One member, for lists and reports. */
export type RunMember = { readonly name: string; readonly provider: Provider; readonly folder: string };

/** The first entry of a launch's journal. It never changes. */
export type LaunchRun = {
  /** Sorts by time: `20261121-233755-4f1c`. */
  readonly id: string;
  readonly team: string;
  readonly mode: LaunchMode;
  /** 1, or 2 for the one retry. */
  readonly attempt: number;
  readonly members: readonly RunMember[];
};

/** The state of a launch, or its end. */
export type LaunchState =
  /** Its run exists, but no agent was started yet. */
  | "spawning"
  /** Every agent is ready or working. */
  | "ready"
  /** An agent waits for a person. */
  | "waiting"
  /** An agent was not ready in time. It keeps running. */
  | "starting"
  /** An agent has ended, or is lost. */
  | "ended"
  /** Refused before the first agent was started. */
  | "blocked"
  | "cancelled"
  /** Its launcher was killed, and a later launcher recorded that. */
  | "interrupted";

/** The state of one agent (design: members of a team), or of a member without one. */
export type MemberState = "starting" | "ready" | "waiting" | "working" | "ended" | "lost" | "blocked";

/** Why a launch failed, for a person. */
export type LaunchError = {
  readonly code: string;
  /** A heading, if the failure has one: `Workspace trust required`. */
  readonly title?: string;
  /** If the runtime or the provider gave a reason: its exact words. */
  readonly message: string;
  /** Why the member's folder is not trusted, if preflight did not finish with it. */
  readonly preflight?: string;
  readonly fix?: string;
};

/** The state of a team's last launch, for the next launch and for lists. */
export type LaunchSnapshot = {
  readonly launch: string;
  readonly team: string;
  readonly state: LaunchState;
  readonly members: readonly MemberReport[];
};

/** One member of a launch. */
export type MemberReport = {
  readonly member: string;
  readonly provider: Provider;
  /** The folder in which it works: absolute. */
  readonly folder: string;
  readonly state: MemberState;
  readonly code?: string;
  /** The status of its folder's preflight. */
  readonly trust?: string;
  /** The code of its folder's preflight: `already-trusted-after-wait`, `not-asked-unproven` and the others. */
  readonly trustCode?: string;
  /** A heading, as in `LaunchError`. */
  readonly title?: string;
  readonly message?: string;
  readonly preflight?: string;
  readonly fix?: string;
  /** Its agent runs, but not as the team file says. */
  readonly warning?: LaunchError;
  /** The question for which it waits. */
  readonly question?: string;
};

/** The output of `gatehouse launch --json`. */
export type LaunchReport = {
  readonly ok: boolean;
  readonly launch: { readonly id: string; readonly team: string; readonly state: LaunchState };
  readonly members: readonly MemberReport[];
  readonly error?: LaunchError;
};

const exits: { readonly [S in LaunchState]: number } = {
  ready: 0,
  cancelled: 130,
  blocked: 1,
  ended: 1,
  interrupted: 1,
  spawning: 3,
  waiting: 3,
  starting: 3,
};

/** 0: all ready or working. 1: blocked, or one ended. 3: one waits, starts or needs a person. 130: cancelled. */
export const exitCodeOfLaunch = ({ launch }: LaunchReport): number => exits[launch.state];

/** Reasons for an agent's end that only a person can remove; preflight's exit codes have the same distinction. */
const needsPerson: ReadonlySet<string> = new Set(["sign-in-needed", "no-connection"]);

/**
 * The state of a member as its launch counts it. Claude Code without a connection shows a message and exits a moment
 * later: the launch needs a person in both cases, before and after the exit.
 */
export const effectiveState = ({ state, code = "" }: MemberReport): MemberState =>
  state === "ended" && needsPerson.has(code) ? "waiting" : state;

/** The state of a launch after its agents were started: the worst state of its members. */
export const stateOfMembers = (members: readonly MemberReport[]): LaunchState => {
  const states = members.map(effectiveState);
  if (states.some((state) => state === "ended" || state === "lost" || state === "blocked")) return "ended";
  return (["waiting", "starting"] as const).find((state) => states.includes(state)) ?? "ready";
};
