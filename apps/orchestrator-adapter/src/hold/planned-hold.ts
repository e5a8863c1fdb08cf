import type { HeldClaim } from "@gatehouse/agents/claim";
import type { Provider } from "@gatehouse/std";
import type { Consents } from "@trust/dialog-engine";

/** The name of a held agent, and its data folder. */
export type HoldPlace = {
  readonly dataDir: string;
  readonly team: string | null;
  readonly member: string;
  readonly consents: Consents;
  /** Typed once the agent is ready. */
  readonly prompt?: string | undefined;
};

/** The holder's input for an accepted launch: plain data, passed between processes. */
export type PlannedHold = HoldPlace & {
  readonly claim: HeldClaim;
  readonly provider: Provider;
  readonly folder: string;
  readonly argv: readonly [file: string, ...args: string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  /** The state file that the CLI locks while it writes; null if it has no such lock. */
  readonly lockedFile: string | null;
  /** True to print events as JSON. */
  readonly isJson: boolean;
};

/** The file descriptor on which a planner hands its plan over: one line of JSON. */
export const planDescriptor = 3;
/**
 * The flag of a planner, with the process id of the holder that started it. Internal: only the holder passes
 * it.
 */
export const handOverFlag = "--hand-over";
