import { setTimeout as after } from "node:timers/promises";
import { judgeTrust, type TrustFacts } from "../judge-trust.ts";
import type { Platform } from "../keys.ts";
import type { Result } from "../result.ts";
import { explain, type TrustProbe } from "../trust-probe.ts";
import { trustKey, type WorkspacePaths } from "../workspace-paths.ts";
import { locateWorkspace } from "./locate-workspace.ts";
import { readGrants } from "./read-grants.ts";
import { readProjects, type Projects, type StateError } from "./read-state.ts";
import { stateFile, type Environment } from "./state-file.ts";

/** What Claude Code would be started with. */
export type ProbeContext = {
  readonly env: Environment;
  readonly home: string;
  /** What `claude --version` prints. Without it the newest version's rules hold. */
  readonly cliVersion?: string | undefined;
};

export type ProbeQuestion = ProbeContext & {
  /** Pauses, in milliseconds, between looks at a half-written file; replaced in tests. */
  readonly wait?: Wait;
} & ({ readonly workspace: string } | { readonly paths: WorkspacePaths });

export type Wait = (milliseconds: number) => Promise<unknown>;

/** The state as far as it could be read. A file that is not there yet is no failure: nothing is trusted. */
export type KnownState = Result<Projects, StateError>;

/** Milliseconds before each further look at a file that is not whole JSON. */
const tornRetries = [5, 20, 50, 100];

const platform: Platform = process.platform === "win32" ? "win32" : "posix";

/** Claude Code takes `1`, `true`, `yes` and `on` for set (2.1.328). */
const isSet = (value: string | undefined): boolean => /^(?:1|true|yes|on)$/i.test(value?.trim() ?? "");

/** Reads the state until it is whole JSON, a few times at most. */
export const readWholeState = async (file: string, wait: Wait = after): Promise<KnownState> => {
  for (const delay of tornRetries) {
    const state = await readProjects(file);
    if (state.ok || state.error.code !== "torn") return state;
    await wait(delay);
  }
  return readProjects(file);
};

const unknown = (code: "state-unreadable" | "not-a-folder", file: string, detail: string): TrustProbe => ({
  state: "unknown",
  code,
  key: null,
  file,
  why: explain(code, { key: null, detail }),
});

/** The folder's grants decide only where trust rests on another key than its own, so they are read only there. */
const judgeWithGrants = async (facts: Omit<TrustFacts, "grants">): Promise<TrustProbe> => {
  const probe = judgeTrust({ ...facts, grants: [] });
  const wanted = trustKey(facts.paths, facts.cliVersion, facts.platform);
  if (probe.state !== "trusted" || probe.key === wanted) return probe;
  return judgeTrust({ ...facts, grants: await readGrants(facts.paths) });
};

/** The answer for one folder from a state that has been read. */
export const probeState = async (
  state: KnownState,
  paths: WorkspacePaths,
  { env, home, cliVersion }: ProbeContext,
): Promise<TrustProbe> => {
  const file = stateFile(env, home);
  if (!state.ok && state.error.code !== "missing")
    return unknown("state-unreadable", file, state.error.detail);
  const probe = await judgeWithGrants({
    projects: state.ok ? state.value : {},
    paths,
    file,
    cliVersion,
    platform,
    ignorePersistedTrust: isSet(env["CLAUDE_CODE_IGNORE_PERSISTED_TRUST"]),
  });
  if (state.ok || probe.code !== "no-key") return probe;
  return { ...probe, code: "no-state-file", why: explain("no-state-file", probe) };
};

/**
 * Whether Claude Code would start in this folder without asking for trust. Reads only, and answers `unknown` with the
 * reason rather than fail. The folder is located while the state file is read.
 */
export const probeTrust = async (question: ProbeQuestion): Promise<TrustProbe> => {
  const { env, home, wait } = question;
  const file = stateFile(env, home);
  if ("paths" in question) return probeState(await readWholeState(file, wait), question.paths, question);
  const [located, state] = await Promise.all([
    locateWorkspace(question.workspace, { home }),
    readWholeState(file, wait),
  ]);
  return located.ok
    ? probeState(state, located.value, question)
    : unknown("not-a-folder", file, located.error.detail);
};
