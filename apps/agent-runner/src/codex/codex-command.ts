import { untrustedOverride } from "@trust/codex-overrides";
import { cliEnvironment } from "../cli-environment.ts";
import { codexHome, codexTemporary } from "./codex-files.ts";

/**
 * The argv of Codex. The trust is launch data: without it Codex writes trust for a repository into config.toml, and a
 * trusted project could bring settings and hooks (0.169.0). `cwd` is the real path.
 */
export const codexCommand = (cwd: string): readonly [string, ...string[]] => [
  "codex",
  ...["app-server", "-c", untrustedOverride([cwd])],
];

/** The argv that tries Codex's own sandbox with a command that does nothing. */
export const sandboxCommand = (cwd: string): readonly [string, ...string[]] => [
  "codex",
  ...["sandbox", "-c", untrustedOverride([cwd]), "-c", 'sandbox_mode="workspace-write"', "--", "true"],
];

/** The environment of Codex, for the folder of its workload. */
export const codexEnvironment = (
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): Readonly<Record<string, string | undefined>> => ({
  ...cliEnvironment(env),
  CODEX_HOME: codexHome(folder),
  TMPDIR: codexTemporary(folder),
});
