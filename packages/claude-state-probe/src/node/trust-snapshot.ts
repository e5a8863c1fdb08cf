import type { Grant, GrantFile } from "../grants-from.ts";
import type { TrustProbe } from "../trust-probe.ts";
import type { WorkspacePaths } from "../workspace-paths.ts";
import { probeState, type ProbeContext } from "./probe-trust.ts";
import { readGrantFile, readGrantsBy, type ReadGrantFile } from "./read-grants.ts";
import { readProjects, type ProjectsRead } from "./read-projects.ts";
import { stateFile } from "./state-file.ts";

/** Answers about many folders at one moment. Several questions may be open at the same time. */
export type TrustSnapshot = {
  /** Like `probeTrust`. */
  readonly probe: (paths: WorkspacePaths) => Promise<TrustProbe>;
  /** Like `readGrants`. */
  readonly grants: (paths: WorkspacePaths) => Promise<readonly Grant[]>;
};

/**
 * Reads the state file and each file of grants once, at the first question that needs it, and keeps the
 * content: for many folders at one moment. It does not see later changes; make a new one for these.
 */
export const trustSnapshot = (context: ProbeContext): TrustSnapshot => {
  const file = stateFile(context.env, context.home);
  let state: Promise<ProjectsRead> | null = null;
  const files = new Map<string, Promise<GrantFile | null>>();
  const readOnce: ReadGrantFile = (source) => {
    const known = files.get(source.file) ?? readGrantFile(source);
    files.set(source.file, known);
    return known;
  };
  const grants: TrustSnapshot["grants"] = (paths) => readGrantsBy(readOnce, paths);
  return {
    probe: async (paths) => probeState(await (state ??= readProjects(file)), file, paths, context, grants),
    grants,
  };
};
