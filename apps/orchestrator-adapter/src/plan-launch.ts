import { cliFacts } from "@gatehouse/provider-facts";
import { locateFolder } from "@trust/codex-overrides/node";
import type { ReadError } from "@trust/codex-overrides";
import { workingAgentEnv, type CliError } from "@trust/preflight";
import { findProgram, packagedVersion } from "@trust/preflight/node";
import { cliHomes, dataFolder, homeOf } from "@gatehouse/fs-kit";
import { namedOrOwnClis, ownCliEnvironment } from "@gatehouse/trust-cli/own-cli";
import { askState } from "./ask-state.ts";
import type { CodexLaunchArgs } from "./settings/codex-launch-args.ts";
import type { Launch, LaunchRequest } from "./launch.ts";
import type { Result } from "@gatehouse/std";
import { unusedSettings } from "./settings/unused-settings.ts";

/** Why nothing can be started. */
export type PlanError = CliError | ReadError;

/**
 * Plans a launch without starting the agent. It may run a CLI for its version or its help, but the CLI writes
 * nothing.
 */
export const planLaunch = async (request: LaunchRequest): Promise<Result<Launch, PlanError>> => {
  const { provider, folder } = request;
  const located = await locateFolder(folder);
  if (!located.ok) return located;
  const named = request.cli === undefined ? {} : { [provider]: request.cli };
  const folders = cliHomes(request.env, dataFolder(request.env));
  const clis = await namedOrOwnClis(named, folders, [provider]);
  const found = await findProgram(cliFacts[provider].file, { env: request.env, explicit: clis[provider] });
  if (!found.ok) return found;
  const place = {
    provider,
    file: found.value,
    cwd: located.value.real,
    env: {
      ...workingAgentEnv(request.env),
      // node-pty 1.1.0 sets it in any case.
      PWD: located.value.real,
      ...ownCliEnvironment(found.value, folders),
    },
    home: homeOf(request.env),
  };
  const unused = unusedSettings(request.settings, provider);
  const [native, { trust, diagnostics }] = await Promise.all([
    nativeArgs(request, place),
    askState({ ...place, args: request.args }),
  ]);
  return {
    ok: true,
    value: {
      provider,
      folder,
      argv: [place.file, ...native.args],
      cwd: place.cwd,
      env: place.env,
      diagnostics: [...(unused === null ? [] : [unused]), ...native.diagnostics, ...diagnostics],
      trust,
    },
  };
};

type LaunchContext = {
  readonly file: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
};

/** Adds arguments only for Codex: its `-c` means `--continue` to Claude Code. */
const nativeArgs = async (
  { provider, settings, args }: LaunchRequest,
  { file, cwd, env, home }: LaunchContext,
): Promise<CodexLaunchArgs> => {
  if (provider !== "codex") return { args, diagnostics: [] };
  // Loaded late: this code would take 8 MB in the holder of another agent, for as long as it runs.
  const { codexLaunchArgs, takesNoDaemon } = await import("./settings/codex-launch-args.ts");
  return codexLaunchArgs({
    settings,
    args,
    cwd,
    env,
    home,
    version: await packagedVersion(file, "codex"),
    takesNoDaemon: await takesNoDaemon(file, env),
  });
};
