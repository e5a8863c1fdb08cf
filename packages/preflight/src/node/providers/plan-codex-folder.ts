import { doubtOf, type WorkspacePaths } from "@trust/claude-state-probe";
import {
  explain,
  findEntry,
  trustEntries,
  type EntryFound,
  type FolderContext,
  type ProjectEntries,
  type ReadError,
  type TrustEntries,
} from "@trust/codex-overrides";
import { configFile, folderContext, readProjects, trustKeys } from "@trust/codex-overrides/node";
import { asksInFolder, codexLaunch, type CodexLaunchFacts } from "../../providers/codex-launch.ts";
import type { Launch, Result, Verdict } from "../../index.ts";
import { isProven } from "../../providers/version-verdicts.ts";
import { projectGrants, type ProjectFile } from "../../grants.ts";
import { planLaunchFolder, type LaunchFacts } from "../plan/plan-folder.ts";
import { codexFiles } from "../plan/project-files.ts";
import type { Locate, PlanContext, PlanFolder } from "../plan/strategy.ts";

/** The folder entries in config.toml, and those of them that decide. */
type Config = { readonly projects: ProjectEntries; readonly entries: TrustEntries };

/** Data that all folders of one plan share. */
type Shared = {
  readonly file: string;
  readonly config: Result<Config, ReadError>;
  readonly context: FolderContext;
};

/**
 * Judges folders by config.toml, their own `.codex` and the CLI's version. Reads config.toml once and never
 * writes it.
 */
export const codexPlanner = async (context: PlanContext, locate: Locate): Promise<PlanFolder> => {
  const [read, folders] = await Promise.all([readProjects(context), folderContext(context.home)]);
  const config = read.ok
    ? { ok: true as const, value: { projects: read.value, entries: trustEntries(read.value) } }
    : read;
  const shared: Shared = { file: configFile(context), config, context: folders };
  return (workspace) =>
    planLaunchFolder(workspace, context, locate, (paths) => factsOf(paths, context, shared));
};

/** One launch for planned folders, by their real paths. */
export const codexLaunchTogether = async (
  folders: readonly string[],
  context: PlanContext,
): Promise<Result<Launch, { readonly code: string }>> => {
  const [projects, home] = await Promise.all([readProjects(context), folderContext(context.home)]);
  if (!projects.ok) return projects;
  return codexLaunch(folders, { ...launchFacts(context, home), projects: projects.value });
};

const launchFacts = (
  { cli, env }: PlanContext,
  context: FolderContext,
): Omit<CodexLaunchFacts, "projects"> => ({
  version: cli?.version ?? null,
  context,
  codexHome: env["CODEX_HOME"] || null,
});

/**
 * Passes the folder's own real path, even in a repository: every version of Codex looks it up first, and this trusts no
 * folder that was not named.
 */
const factsOf = (
  paths: WorkspacePaths,
  context: PlanContext,
  { file, config, context: folders }: Shared,
): LaunchFacts => {
  const files = codexFiles(paths);
  const grants = projectGrants(files);
  if (!config.ok) {
    const unreadable = { code: "state-unreadable", file, why: explain(config.error) } as const;
    return { trustKey: paths.real, grants, settled: unreadable, launch: () => unreadable, file };
  }
  const { projects, entries } = config.value;
  const found = withoutDoubtful(findEntry(entries, trustKeys(paths), folders.platform), paths);
  const facts = { ...launchFacts(context, folders), projects };
  return {
    trustKey: found.key ?? paths.real,
    grants,
    settled: settledBy(found, file),
    // With `persist` Codex itself writes the folder's entry, even if this version does not ask.
    launch: context.request.persist ? null : () => launchVerdict(paths, files, facts, file),
    file,
  };
};

/** Ignores trust by a key that may not belong to the folder. Codex may still use it, so the folder is also passed at launch. */
const withoutDoubtful = (found: EntryFound, paths: WorkspacePaths): EntryFound =>
  found.state === "trusted" && doubtOf(paths, found.key) !== null ? { state: "absent", key: null } : found;

const settledBy = ({ state, key }: ReturnType<typeof findEntry>, file: string): Verdict | null => {
  if (state === "absent") return null;
  if (state === "untrusted") return { code: "untrusted-by-user", key, file };
  return { code: "already-trusted", why: `${key} is trusted in ${file}.` };
};

const launchVerdict = (
  { real, gitRoot }: WorkspacePaths,
  files: readonly ProjectFile[],
  facts: CodexLaunchFacts,
  file: string,
): Verdict => {
  const isTried = facts.version !== null && isProven("codex", facts.version);
  if (isTried && !asksInFolder(facts.version, { gitRoot, hasProjectConfig: files.length > 0 }))
    return {
      code: "not-asked",
      why: `Codex ${facts.version} asks in repositories and where there is a .codex; ${real} is neither.`,
    };
  const launch = codexLaunch([real], facts);
  if (launch.ok) return { code: "passed-at-launch", key: real, launch: launch.value };
  const { code } = launch.error;
  if (code === "untrusted-by-user") return { code, key: real, file };
  const type = code.startsWith("configured-projects-") ? "not-repeatable" : "not-passable";
  return { code: "trust-not-persisted", reason: { type, detail: code }, file };
};
