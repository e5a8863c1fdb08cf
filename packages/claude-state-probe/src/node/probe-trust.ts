import { isAbsolute } from "node:path";
import type { Grant, GrantFile } from "../grants-from.ts";
import { judgeTrust, type TrustFacts } from "../judge-trust.ts";
import { explain, type TrustProbe, unknownProbe } from "../trust-probe.ts";
import { trustKey, type WorkspacePaths } from "../workspace-paths.ts";
import { locateWorkspace } from "./locate/locate-workspace.ts";
import { readGrantFile, type ReadGrantFile, readGrants, readGrantsBy } from "./read-grants.ts";
import { type Environment, type ProjectsRead, readProjects, stateFile, type Wait } from "./state-file.ts";
import { thisPlatform as platform } from "./paths.ts";

/** The environment that Claude Code would start with. */
export type ProbeContext = {
  readonly env: Environment;
  readonly home: string;
  /** The output of `claude --version`. Without it, the newest version's rules apply. */
  readonly cliVersion?: string | undefined;
};

export type ProbeQuestion = ProbeContext & {
  /** Waits this many milliseconds before another read of a half-written file. Tests replace it. */
  readonly wait?: Wait;
} & ({ readonly workspace: string } | { readonly paths: WorkspacePaths });

/** Claude Code reads `1`, `true`, `yes` and `on` as set (2.1.328). */
const isSet = (value: string | undefined): boolean => /^(?:1|true|yes|on)$/i.test(value?.trim() ?? "");

/** Reads the grants only if trust depends on another key than the folder's own: only then they matter. */
const judgeWithGrants = async (
  facts: Omit<TrustFacts, "grants">,
  grantsOf: GrantsOf,
): Promise<TrustProbe> => {
  const probe = judgeTrust({ ...facts, grants: [] });
  const wanted = trustKey(facts.paths, facts.cliVersion, facts.platform);
  if (probe.state !== "trusted" || probe.key === wanted) return probe;
  return judgeTrust({ ...facts, grants: await grantsOf(facts.paths) });
};

type GrantsOf = (paths: WorkspacePaths) => Promise<readonly Grant[]>;

/** The answer for one folder, from a read of the state file. */
export const probeState = async (
  state: ProjectsRead,
  file: string,
  paths: WorkspacePaths,
  { env, cliVersion }: ProbeContext,
  grantsOf: GrantsOf = readGrants,
): Promise<TrustProbe> => {
  const key = trustKey(paths, cliVersion, platform);
  if (!state.ok && state.error.code !== "missing")
    return unknownProbe("state-unreadable", file, {
      key,
      detail: state.error.detail,
      ...(isAbsolute(file) ? {} : { fix: "give CLAUDE_CONFIG_DIR an absolute path" }),
    });
  const projects = state.ok ? state.value : {};
  const ignorePersistedTrust = isSet(env["CLAUDE_CODE_IGNORE_PERSISTED_TRUST"]);
  const facts = { projects, paths, file, cliVersion, platform, ignorePersistedTrust };
  const probe = await judgeWithGrants(facts, grantsOf);
  if (state.ok || probe.code !== "no-key") return probe;
  return { ...probe, code: "no-state-file", why: explain("no-state-file", probe) };
};

/**
 * Tells if Claude Code would start in this folder without asking for trust. It only reads, and it answers
 * `unknown` with the reason instead of failing. The folder is located while the state file is read.
 */
export const probeTrust = async (question: ProbeQuestion): Promise<TrustProbe> => {
  const { env, home, wait } = question;
  const file = stateFile(env, home);
  if ("paths" in question) return probeState(await readProjects(file, wait), file, question.paths, question);
  const [state, located] = await Promise.all([
    readProjects(file, wait),
    locateWorkspace(question.workspace, { home }),
  ]);
  if (located.ok) return probeState(state, file, located.value, question);
  return unknownProbe("not-a-folder", file, { key: null, detail: located.error.detail });
};

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
