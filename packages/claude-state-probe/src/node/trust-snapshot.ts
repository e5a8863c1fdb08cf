import type { Grant, GrantFile } from "../grants-from.ts";
import type { TrustProbe } from "../trust-probe.ts";
import type { WorkspacePaths } from "../workspace-paths.ts";
import { probeState, type ProbeContext } from "./probe-trust.ts";
import { readGrantFile, readGrantsBy, type ReadGrantFile } from "./read-grants.ts";
import { readProjects, type ProjectsRead } from "./read-projects.ts";
import { stateFile } from "./state-file.ts";

/** Answers about the folders of one moment. They may be asked about side by side. */
export type TrustSnapshot = {
  /** As `probeTrust`. */
  readonly probe: (paths: WorkspacePaths) => Promise<TrustProbe>;
  /** As `readGrants`. */
  readonly grants: (paths: WorkspacePaths) => Promise<readonly Grant[]>;
};

/**
 * Reads the state file and each file of grants once, at the first question that needs it, and keeps what it
 * read: for many folders of one moment. Later changes are not seen; make another for another moment.
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
