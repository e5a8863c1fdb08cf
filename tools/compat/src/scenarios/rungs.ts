import { compareVersions, forVersion, type ByVersion } from "../clis/version.ts";
import type { Expected, Scenario, Via } from "./scenario.ts";

/** One run of a scenario. */
export type Run = {
  readonly via: Via;
  /** Why it cannot be run on this version; null if it can. */
  readonly notOn: (version: string) => string | null;
  readonly expect: ByVersion<Expected>;
  /** True if the CLI is started plainly afterwards. */
  readonly startsThen: boolean;
};

/** The first Claude Code with a control protocol for trust. The ones before do not know the request. */
export const controlSince = "2.1.200";

const everywhere = (): null => null;

const notBefore = (version: string): string | null =>
  compareVersions(version, controlSince) < 0
    ? `Claude Code ${version} has no control protocol for trust; ${controlSince} was the first.`
    : null;

/** The two runs of a scenario with the same result by both rungs. */
export const bothRungs: readonly Pick<Run, "via" | "notOn">[] = [
  { via: "dialog", notOn: everywhere },
  { via: "control", notOn: notBefore },
];

/** The runs of a scenario, its dialog first. */
export const runsOf = ({ rungs = "both", expect, startAfterControl = false }: Scenario): readonly Run[] => {
  if (rungs !== "both" && "once" in rungs)
    return [{ via: rungs.once, notOn: everywhere, expect, startsThen: true }];
  return bothRungs.map((rung): Run => {
    if (rung.via === "dialog") return { ...rung, expect, startsThen: true };
    const byControl = { ...rung, startsThen: startAfterControl };
    if (rungs === "both") return { ...byControl, expect };
    if ("dialogOnly" in rungs) return { ...byControl, notOn: () => rungs.dialogOnly, expect };
    return { ...byControl, expect: rungs.byControl };
  });
};

/** The expected facts after a run on this version. Newly trusted folders have the run's own rung. */
export const expectedOf = ({ via, expect, startsThen }: Run, version: string): Expected => {
  const expected = forVersion(expect, version);
  const results = expected.results.map((result) =>
    via !== "auto" && result.status === "trusted" ? { via, ...result } : result,
  );
  return { ...expected, results, afterwards: startsThen ? expected.afterwards : null };
};
