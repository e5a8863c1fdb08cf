import { unprovenVerdict } from "../../providers/version-verdicts.ts";
import { neverAsks, piLaunch } from "../../providers/pi-trust.ts";
import { neverAsked } from "./never-asked.ts";
import { storeStrategy } from "./store-strategy.ts";
import type { PlanContext, Strategy } from "../plan/strategy.ts";

const asking: Strategy = storeStrategy(
  async () => (await import("../stores/pi-store.ts")).piStore,
  (key, { provider, cli }) =>
    unprovenVerdict(provider, cli) ?? { code: "passed-at-launch", key, launch: piLaunch },
  async () => ({ ok: true, value: piLaunch }),
);

const strategyFor = ({ provider, cli }: PlanContext): Strategy =>
  unprovenVerdict(provider, cli) === null && neverAsks(cli?.version ?? null) ? neverAsked : asking;

/**
 * pi: a tested version from before its trust dialog asks in no folder. A later version gets trust at launch, or is asked
 * with `persist`.
 */
export const pi: Strategy = {
  ...asking,
  planner: (context, locate) => strategyFor(context).planner(context, locate),
  statusReader: (context, locate) => strategyFor(context).statusReader(context, locate),
};
