import { resolve } from "node:path";
import { visible, visibleJson } from "@gatehouse/std";
import { printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import type { Consents } from "@trust/dialog-engine";
import { dataFolder } from "@gatehouse/fs-kit";
import type { Provider } from "@gatehouse/std";
import { eventOf, type Happening, type Whose } from "./events.ts";
import type { explainFailure } from "./explain-failure.ts";
import { explainHappening } from "./explain.ts";
import type { Launch } from "./launch.ts";
import { planLaunch } from "./plan-launch.ts";
import { runLaunch } from "./run-launch.ts";

/** The flags, parsed. */
export type AdapterFlags = {
  readonly provider: Provider;
  readonly cwd: string;
  readonly settings: unknown;
  readonly cli?: Readonly<Record<string, string>>;
  readonly dryRun?: boolean;
  readonly record?: string;
  readonly json?: boolean;
  readonly hold?: boolean;
  readonly member?: string;
  readonly team?: string;
  readonly consent?: Consents;
  /** Typed once the agent is ready. */
  readonly prompt?: string;
  readonly data?: string;
};

/** Plans the launch, then prints it or starts it. Returns the exit code. */
export const adapterCommand = async (
  flags: AdapterFlags,
  args: readonly string[],
  io: Io,
): Promise<number> => {
  const { provider, cwd, settings, cli = {}, dryRun = false, record, json: isJson = false } = flags;
  const whose = { provider, folder: resolve(io.cwd, cwd) };
  const env =
    flags.data === undefined ? io.env : { ...io.env, GATEHOUSE_DATA: dataFolder(io.env, flags.data) };
  const planned = await planLaunch({ ...whose, settings, args, cli: cli[provider], env });
  if (!planned.ok) {
    return fail(planned.error, whose, io, isJson);
  }
  if (dryRun) {
    printLaunch(planned.value, io, isJson);
    return 0;
  }
  const tell = (happening: Happening): void => print(happening, whose, io, isJson);
  const { member, team = null, consent = {}, prompt, data } = flags;
  const attention = { tell, signal: io.signal };
  const ended =
    flags.hold === true && member !== undefined
      ? await (
          await import("./hold-launch.ts")
        ).holdLaunch(
          planned.value,
          { member, team, consents: consent, prompt, dataDir: dataFolder(io.env, data) },
          attention,
        )
      : await runLaunch(planned.value, { ...attention, recordDir: record });
  if (ended.ok) return ended.value;
  return fail(ended.error, whose, io, isJson);
};

/** Loaded late: a holder that runs needs none of it for as long as it lives. */
const fail = async (
  error: Parameters<typeof explainFailure>[0],
  whose: Whose,
  io: Io,
  isJson: boolean,
): Promise<number> => {
  const { explainFailure } = await import("./explain-failure.ts");
  printFailure(io, isJson, explainFailure(error, whose));
  return 1;
};

/** Without JSON: one argument per line, so that no argument looks like two. */
const printLaunch = ({ argv, cwd, env, diagnostics, trust }: Launch, io: Io, isJson: boolean): void => {
  const refusal = trust.refusal === null ? [] : [{ ...trust.refusal, code: "workspace_trust_required" }];
  const names = Object.keys(env).sort();
  const said = [...diagnostics, ...refusal];
  if (isJson) return printJson(io, { argv, cwd, env: names, diagnostics: said });
  io.stdout.write(`${argv.map(visibleJson).join("\n")}\nin ${visible(cwd)}\n`);
  for (const { code, message } of said) io.stderr.write(`${code}: ${visible(message)}\n`);
};

/**
 * With JSON: prints the event as one line on stdout. If a person has something to do, also prints prose on
 * stderr, one line each.
 */
const print = (happening: Happening, whose: Whose, io: Io, isJson: boolean): void => {
  if (isJson) printJson(io, eventOf(happening, whose));
  const output = "why" in happening ? io.stderr : io.stdout;
  if (!isJson || "why" in happening) output.write(`${visible(explainHappening(happening, whose))}\n`);
};
