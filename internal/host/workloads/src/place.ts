import type { PlaceSeen } from "@gatehouse/agent-clis/applied";
import type { Container, RuntimeResult } from "@nc/container-runtime";
import type { Workload } from "./workload.ts";
import type { GroupImages } from "./workload-deps.ts";

/** Where agents run: on this machine, on a machine that dials in, or in Pods. */
export type Place = PlaceSeen & {
  /** Whether a group that has run there keeps to its isolation. What a machine says of itself binds no group. */
  readonly bindsGroups: boolean;
  /** Builds the packages of groups; null if it installs none. */
  readonly packages: Pick<GroupImages, "build"> | null;
  /** Starts a workload. `token` is that of its session. */
  readonly start: (workload: Workload, token: string) => Promise<RuntimeResult<Container>>;
  /** The agents that run there, also those that an earlier host left if this host may adopt them. */
  readonly left: () => Promise<RuntimeResult<readonly Container[]>>;
  /** Looks whether agents can start. Returns why none can, in a line; null if they can. */
  readonly problem: () => Promise<string | null>;
  readonly close: () => Promise<void>;
};

/** The place of a group that this host does not reach now. */
export type AwayPlace = {
  /** Why no agent starts there: a sentence. */
  readonly awayReason: string;
  /** True if another host reaches it. */
  readonly isAtOtherHost: boolean;
};
