import type { HeldClaim } from "@gatehouse/held-agents/claim";
import type { Provider } from "@gatehouse/std";
import type { Consents } from "@trust/dialog-engine";

/** Under which name, and where, an agent is held. */
export type HoldPlace = {
  readonly dataDir: string;
  readonly team: string | null;
  readonly member: string;
  readonly consents: Consents;
  /** Typed once the agent is ready. */
  readonly prompt?: string | undefined;
};

/** All that a holder needs to know of a launch that may be started: plain data, handed from process to process. */
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
  /** Events are printed as JSON. */
  readonly isJson: boolean;
};

/** The descriptor on which a planner hands its plan over: one line of JSON. */
export const planDescriptor = 3;
/** The flag of a planner, with the number of the holder that has started it; nobody else passes it. */
export const handOverFlag = "--hand-over";
