import { resolve } from "node:path";
import { visible, visibleJson } from "@gatehouse/std";
import { printJson, type Io } from "@gatehouse/cli-kit";
import { dataFolder } from "@gatehouse/fs-kit";
import type { Provider } from "@gatehouse/provider-facts";
import type { LaunchEvent } from "./events.ts";
import type { Launch } from "./launch.ts";
import { planLaunch } from "./plan-launch.ts";
import { printFailure, printEvent } from "./print.ts";
import { runLaunch } from "./run-launch.ts";

/** The parsed flags. */
export type AdapterFlags = {
  readonly provider: Provider;
  readonly cwd: string;
  readonly settings: unknown;
  readonly cli?: Readonly<Record<string, string>>;
  readonly dryRun?: boolean;
  readonly record?: string;
  readonly json?: boolean;
  readonly data?: string;
};

/** Plans the launch, then prints it or starts it. Returns the exit code. */
export const adapterCommand = async (
  flags: AdapterFlags,
  args: readonly string[],
  io: Io,
): Promise<number> => {
  const { provider, cwd, settings, cli = {}, dryRun = false, record, json: isJson = false } = flags;
  const agent = { provider, folder: resolve(io.cwd, cwd) };
  const env =
    flags.data === undefined ? io.env : { ...io.env, GATEHOUSE_DATA: dataFolder(io.env, flags.data) };
  const planned = await planLaunch({ ...agent, settings, args, cli: cli[provider], env });
  if (!planned.ok) {
    return printFailure(planned.error, agent, io, isJson);
  }
  if (dryRun) {
    printLaunch(planned.value, io, isJson);
    return 0;
  }
  const tell = (event: LaunchEvent): void => printEvent(event, agent, io, isJson);
  const ended = await runLaunch(planned.value, { tell, signal: io.signal, recordDir: record });
  return ended.ok ? ended.value : printFailure(ended.error, agent, io, isJson);
};

/** Prints a launch. Without JSON: one argument per line, so that no argument looks like two. */
const printLaunch = ({ argv, cwd, env, diagnostics, trust }: Launch, io: Io, isJson: boolean): void => {
  const refusal = trust.refusal === null ? [] : [{ ...trust.refusal, code: "workspace_trust_required" }];
  const names = Object.keys(env).sort();
  const messages = [...diagnostics, ...refusal];
  if (isJson) return printJson(io, { argv, cwd, env: names, diagnostics: messages });
  io.stdout.write(`${argv.map(visibleJson).join("\n")}\nin ${visible(cwd)}\n`);
  for (const { code, message } of messages) io.stderr.write(`${code}: ${visible(message)}\n`);
};
