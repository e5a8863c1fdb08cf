import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import type { RunCli } from "@gatehouse/cli-kit/start";
import { parseJson } from "@gatehouse/std";
import type { LaunchEvent } from "../events.ts";
import { handOverFlag, planDescriptor, type PlannedHold } from "./planned-hold.ts";
import { printFailure, printEvent } from "../print.ts";

/**
 * Holds an agent whose launch another process plans: this program is started again with the same arguments
 * and the same stdin. The planner ends before the agent starts, so that the code for arguments, settings and
 * trust takes no memory in the holder, which runs for days. The planner prints on this process's outputs, and
 * if it starts nothing, its exit code is this process's.
 */
export const holdPlanned: RunCli = async (argv, _version, io) => {
  keepYoungSmall();
  // Loaded while the planner runs.
  const loading = import("./hold-launch.ts");
  const planned = await planOf(startPlanner(argv), io.signal);
  const { holdLaunch } = await loading;
  if (typeof planned === "number") return planned;
  const agent = { provider: planned.provider, folder: planned.folder };
  const tell = (event: LaunchEvent): void => printEvent(event, agent, io, planned.isJson);
  const ended = await holdLaunch(planned, { tell, signal: io.signal });
  return ended.ok ? ended.value : printFailure(ended.error, agent, io, planned.isJson);
};

const startPlanner = (argv: readonly string[]): ChildProcess => {
  const [, program = ""] = process.argv;
  return spawn(process.execPath, [...process.execArgv, program, handOverFlag, String(process.pid), ...argv], {
    stdio: ["inherit", "inherit", "inherit", "pipe"],
  });
};

/** Resolves to the plan, or to the exit code of a planner without one. An abort ends the planner. */
const planOf = async (planner: ChildProcess, signal: AbortSignal): Promise<PlannedHold | number> => {
  const stop = (): void => void planner.kill();
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const ended = endOf(planner);
  const plan = parseJson(await handedBy(planner)) as PlannedHold | null;
  // A plan means that the name is claimed for this process, which must hold the agent or release the name.
  const outcome = plan ?? (await ended);
  signal.removeEventListener("abort", stop);
  return plan === null && signal.aborted ? interrupted : outcome;
};

const interrupted = 130;

const endOf = (planner: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    planner.once("error", reject);
    planner.once("exit", (code, by) => resolve(code ?? 128 + constants.signals[by ?? "SIGKILL"]));
  });

/** The line that the planner has written for this process; empty if there is none. */
const handedBy = ({ stdio }: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    const plan = stdio[planDescriptor];
    if (!(plan instanceof Readable)) return resolve("");
    let text = "";
    plan.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      if (more.endsWith("\n")) resolve(text);
    });
    plan.once("close", () => resolve(""));
  });

/**
 * Output of a program is garbage at once. V8 reacts to much garbage with a larger space for new objects,
 * which it never shrinks: 8 MB after 10 MB of output, 2 MB with this setting (Node 20.20; a holder's memory
 * is 1.34 and 1.10 times that of Node with a PTY and a terminal model). The time for drawing the output stays
 * the same, with Node 20, 22 and 24.
 */
const keepYoungSmall = (): void => setFlagsFromString("--semi-space-growth-factor=1");
