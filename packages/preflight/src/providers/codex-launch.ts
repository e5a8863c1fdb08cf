import { versionAtLeast } from "@trust/claude-state-probe";
import {
  buildOverrides,
  entriesToRepeat,
  renderCodexArgs,
  trustEntries,
  trustSettings,
  untrustedFolders,
  type FolderContext,
  type ProjectEntries,
} from "@trust/codex-overrides";
import type { Launch } from "../verdict.ts";
import type { Result } from "@gatehouse/std";

/** 0.155.1 does not know the flag, 0.157.1 does. Without it 0.169.0 leaves two daemons per CODEX_HOME behind. */
const noDaemonSince = "0.157.1";

/** 0.159.1 asks in a plain folder, 0.161.0 only in repositories and in folders with a project configuration. */
const plainFoldersSince = "0.161.0";

/** True if this Codex asks for trust in a folder. An unknown version is assumed to ask everywhere. */
export const asksInFolder = (
  version: string | null,
  { gitRoot, hasProjectConfig }: { readonly gitRoot: string | null; readonly hasProjectConfig: boolean },
): boolean =>
  version === null || !versionAtLeast(version, plainFoldersSince) || gitRoot !== null || hasProjectConfig;

/** The inputs for building a launch for these folders. */
export type CodexLaunchFacts = {
  /** Null if unknown: then only arguments that every version accepts are passed, and all arguments that any version needs. */
  readonly version: string | null;
  /** The folder entries in config.toml. A launch keeps them in force, and never trusts an untrusted folder. */
  readonly projects: ProjectEntries;
  readonly context: FolderContext;
  /** The caller's own CODEX_HOME, in which the state was read; null if the caller sets none. */
  readonly codexHome: string | null;
};

/** Why a launch cannot be made: the code of `@trust/codex-overrides`. */
export type NoLaunch = { readonly code: string };

/** One launch that trusts all of these folders (their real paths), in one inline table. */
export const codexLaunch = (
  folders: readonly string[],
  { version, projects, context, codexHome }: CodexLaunchFacts,
): Result<Launch, NoLaunch> => {
  const { overrides, rejected } = buildOverrides([...new Set(folders)], context);
  const flags = version !== null && versionAtLeast(version, noDaemonSince) ? ["--no-daemon"] : [];
  const rendered = renderCodexArgs(flags, {
    overrides,
    untrusted: untrustedFolders(trustEntries(projects)),
    configured: entriesToRepeat(projects, version),
    context,
  });
  if (!rendered.ok) return rendered;
  const problem = rejected[0] ?? rendered.value.leftOut[0];
  if (problem !== undefined) return { ok: false, error: { code: problem.code } };
  return {
    ok: true,
    value: {
      settings: trustSettings(overrides),
      args: rendered.value.args,
      env: codexHome === null ? {} : { CODEX_HOME: codexHome },
    },
  };
};
