import type { HeldClaim } from "@gatehouse/agents/claim";
import type { HoldRequest } from "@gatehouse/held-client";
import type { Consents } from "@trust/dialog-engine";

/** The holder's input for an accepted launch: plain data, passed between processes. */
export type PlannedHold = Pick<HoldRequest, "member" | "provider" | "folder"> & {
  readonly dataDir: string;
  readonly team: string | null;
  readonly consents: Consents;
  /** Typed once the agent is ready. */
  readonly prompt: string | undefined;
  readonly claim: HeldClaim;
  readonly argv: readonly [file: string, ...args: string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  /** The state file that the CLI locks while it writes; null if it has no such lock. */
  readonly lockedFile: string | null;
  /** True to print events as JSON. */
  readonly isJson: boolean;
};

/** True if these arguments ask for a held agent. Words after `--` are the agent's own. */
export const asksForHold = (argv: readonly string[]): boolean => ownArguments(argv).includes("--hold");

/** True if these arguments are a planner's. */
export const isPlanner = (argv: readonly string[]): boolean => ownArguments(argv).includes(handOverFlag);

const ownArguments = (argv: readonly string[]): readonly string[] =>
  argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;

/** The file descriptor on which a planner hands its plan over: one line of JSON. */
export const planDescriptor = 3;
/**
 * The flag of a planner, with the process id of the holder that started it. Internal: only the holder passes
 * it.
 */
export const handOverFlag = "--hand-over";
