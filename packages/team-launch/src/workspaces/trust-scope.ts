import type { LaunchFlags } from "../flags.ts";

/** How a launch came about. `restart`: members of a team that was launched before start again, as they are. */
export type LaunchEntry = "launch" | "restart";

/** Whether trust is prepared for a launch, and if not, why. */
export type TrustScope =
  | { readonly isPrepared: true }
  | {
      readonly isPrepared: false;
      readonly why: "preflight-off" | "direct-restart" | "opencode-only" | "nobody";
    };

/**
 * Whether the coordinator is called at all. A direct restart keeps what the launch prepared, and a team of
 * OpenCode alone has its own runtime and no gate. One OpenCode member among others is a side lane: it counts.
 */
export const trustScope = (
  entry: LaunchEntry,
  members: readonly { readonly provider: string }[],
  { preflight }: Pick<LaunchFlags, "preflight">,
): TrustScope => {
  if (!preflight) return { isPrepared: false, why: "preflight-off" };
  if (entry === "restart") return { isPrepared: false, why: "direct-restart" };
  if (members.length === 0) return { isPrepared: false, why: "nobody" };
  const isOpencode = members.every(({ provider }) => provider === "opencode");
  return isOpencode ? { isPrepared: false, why: "opencode-only" } : { isPrepared: true };
};
