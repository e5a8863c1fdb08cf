import type { Provider } from "@trust/preflight";

/** `create`: the data folder has no such team. `launch`: it has. They differ in what a blocked one undoes. */
export type LaunchMode = "create" | "launch";

/** One member, as lists and reports name it. */
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

/** How a launch is, or how it ended. */
export type LaunchState =
  /** Its run exists, and no agent was started yet. */
  | "spawning"
  /** Every agent is ready or at work. */
  | "ready"
  /** One waits for a person. */
  | "waiting"
  /** One was not ready in time. It lives on. */
  | "starting"
  /** One has ended, or is lost. */
  | "ended"
  /** Refused before the first agent was started. */
  | "blocked"
  | "cancelled"
  /** Its launcher was killed. A later one noted that. */
  | "interrupted";

/** The state of one agent (design: members of a team), or of a member that got none. */
export type MemberState = "starting" | "ready" | "waiting" | "working" | "ended" | "lost" | "blocked";

/** Why a launch failed, for a person. */
export type LaunchError = {
  readonly code: string;
  /** A heading, of a failure that has one: `Workspace trust required`. */
  readonly title?: string;
  /** What the runtime or the provider said, word for word, where it said it. */
  readonly message: string;
  /** Why its folder is not trusted, where preflight did not come to its end. */
  readonly preflight?: string;
  readonly fix?: string;
};

/** What is kept of a team's last launch, for the next one and for lists. */
export type LaunchSnapshot = {
  readonly launch: string;
  readonly team: string;
  readonly state: LaunchState;
  readonly members: readonly MemberReport[];
};

/** One member of a launch that was tried. */
export type MemberReport = {
  readonly member: string;
  readonly provider: Provider;
  /** Where it works: absolute. */
  readonly folder: string;
  readonly state: MemberState;
  readonly code?: string;
  /** The status of its folder's preflight. */
  readonly trust?: string;
  /** The code of its folder's preflight: `already-trusted-after-wait`, `not-asked-unproven` and the others. */
  readonly trustCode?: string;
  /** As in `LaunchError`. */
  readonly title?: string;
  readonly message?: string;
  readonly preflight?: string;
  readonly fix?: string;
  /** It runs, and not as the team file says. */
  readonly warning?: LaunchError;
  /** The question at which it waits. */
  readonly question?: string;
};

/** What `gatehouse launch --json` prints. */
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

/** 0 all ready or at work, 1 blocked or one ended, 3 one waits, starts or needs a person, 130 cancelled. */
export const exitCodeOfLaunch = ({ launch }: LaunchReport): number => exits[launch.state];

/** Why an agent may have ended so that only a person can mend it: as preflight's exit code has it. */
const aPersons: ReadonlySet<string> = new Set(["sign-in-needed", "no-connection"]);

/**
 * What a member's state is for its launch. Claude Code without a connection shows that, and ends a moment later:
 * whether it is seen before or after, the launch needs a person.
 */
export const effectiveState = ({ state, code = "" }: MemberReport): MemberState =>
  state === "ended" && aPersons.has(code) ? "waiting" : state;

/** The state of a launch whose agents were started: the worst of its members. */
export const stateOfMembers = (members: readonly MemberReport[]): LaunchState => {
  const states = members.map(effectiveState);
  if (states.some((state) => state === "ended" || state === "lost" || state === "blocked")) return "ended";
  return (["waiting", "starting"] as const).find((state) => states.includes(state)) ?? "ready";
};
