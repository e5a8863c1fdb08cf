import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  directCliPatch,
  explain,
  patchCodexArgs,
  readTrustSettings,
  type PatchDiagnostic,
} from "@trust/codex-overrides";
import { folderContext, readCodexLaunch } from "@trust/codex-overrides/node";
import type { Diagnostic } from "../launch.ts";

/** The request to start Codex. */
export type CodexLaunchRequest = {
  readonly settings: unknown;
  readonly args: readonly string[];
  /** The folder that Codex is started in. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  /**
   * Null if unknown. Then the folder entries of config.toml are repeated: older versions need that, and newer
   * versions allow it.
   */
  readonly version: string | null;
  /** True if this version knows `--no-daemon`. */
  readonly takesNoDaemon: boolean;
};

export type CodexLaunchArgs = {
  readonly args: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
};

const targetSurface = "primary_provider_args";
const noDaemon = "--no-daemon";

/**
 * The caller's arguments, with the settings' trust in one `-c` after them, and without the daemons that Codex
 * leaves behind. If the settings are wrong or config.toml is unreadable, only the trust is left out: Codex is
 * still started and asks by itself.
 */
export const codexLaunchArgs = async (request: CodexLaunchRequest): Promise<CodexLaunchArgs> => {
  const { settings, args, cwd, env, home, version, takesNoDaemon } = request;
  const { folders, overrides, rejected } = readTrustSettings(settings, await folderContext(home));
  const own = takesNoDaemon && !isPassed(noDaemon, args) ? [noDaemon, ...args] : args;
  const launch = await readCodexLaunch(folders, { env, home, version });
  if (!launch.ok) {
    const { code } = launch.error;
    return {
      args: own,
      diagnostics: [...rejected.map(diagnosticOf), { code, message: explain(launch.error) }],
    };
  }
  const patch = directCliPatch({ targetSurface, overrides, sourceWorkspaceIds: [cwd] });
  const applied = patchCodexArgs(own, targetSurface, [patch], launch.value);
  return { args: applied.args, diagnostics: [...rejected, ...applied.diagnostics].map(diagnosticOf) };
};

/** Passing the flag twice is an error (0.157.1 - 0.169.0). After `--` there are no flags. */
const isPassed = (flag: string, args: readonly string[]): boolean => {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).includes(flag);
};

/** All problems with the settings' overrides share one code. */
const diagnosticOf = (problem: PatchDiagnostic): Diagnostic => {
  const { code } = problem;
  const message = explain(problem);
  return "index" in problem || code === "settings-malformed"
    ? { code: "override-rejected", reason: code, message }
    : { code, message };
};

/** Longest time of `codex --help`, ms. It took 0.7 s on a busy machine (0.169.0, from npm). */
const helpTimeoutMs = 10_000;

/**
 * True if the help of this Codex lists `--no-daemon` (0.169.0 does, 0.155.1 does not). The help runs with a
 * temporary home, because 0.169.0 creates folders there.
 */
export const takesNoDaemon = async (
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<boolean> => {
  const home = await mkdtemp(join(tmpdir(), "orchestrator-adapter-"));
  try {
    const help = await stdoutOf(file, { ...env, HOME: home, CODEX_HOME: join(home, ".codex") }, home);
    return /(?:^|\s)--no-daemon\b/.test(help);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
};

const stdoutOf = (file: string, env: Readonly<Record<string, string>>, cwd: string): Promise<string> =>
  new Promise((resolve) => {
    const options = { env, cwd, timeout: helpTimeoutMs, killSignal: "SIGKILL" } as const;
    execFile(file, ["--help"], options, (error, stdout) => resolve(error === null ? stdout : ""));
  });
