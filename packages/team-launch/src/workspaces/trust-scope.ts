import type { LaunchFlags } from "../flags.ts";

/** The kind of a launch. `restart`: members of an already launched team start again, unchanged. */
export type LaunchEntry = "launch" | "restart";

/** `isPrepared`: trust is prepared for the launch. Otherwise `why` is the reason. */
export type TrustScope =
  | { readonly isPrepared: true }
  | {
      readonly isPrepared: false;
      readonly why: "preflight-off" | "direct-restart" | "opencode-only" | "no-members";
    };

/**
 * Decides whether a launch prepares trust. A direct restart keeps what the launch prepared, and a team of only OpenCode
 * members has its own runtime and no gate. An OpenCode member among others is a side lane and counts.
 */
export const trustScope = (
  entry: LaunchEntry,
  members: readonly { readonly provider: string }[],
  { preflight }: Pick<LaunchFlags, "preflight">,
): TrustScope => {
  if (!preflight) return { isPrepared: false, why: "preflight-off" };
  if (entry === "restart") return { isPrepared: false, why: "direct-restart" };
  if (members.length === 0) return { isPrepared: false, why: "no-members" };
  const isOpencode = members.every(({ provider }) => provider === "opencode");
  return isOpencode ? { isPrepared: false, why: "opencode-only" } : { isPrepared: true };
};
