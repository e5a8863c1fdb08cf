import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { processTable } from "@gatehouse/processes";
import { type Container, type Exit, exitOnce } from "../../runtime.ts";
import { endsWithin } from "../process/process-container.ts";
import { lastLinesIn } from "../process/log-file.ts";
import { type EngineCalls, type Inspected, type Output, saysRunning } from "./engine-calls.ts";
import { NoEngine } from "./engine-client.ts";
import type { EngineRecord } from "./engine-labels.ts";
import type { Died } from "./engine-events.ts";

/** Maximum wait for the exit after SIGKILL, ms. Ten stops at once took a second (Podman 4.3.1). */
const forceMs = 10_000;

/** Between two looks at a container whose engine does not answer, ms. */
const retryMs = 250;

/** A container of an engine, and what its runtime tells it. */
export type EngineContainer = {
  readonly container: Container;
  /** Looks whether it still runs. If it has ended, or is gone, its exit is reported. Resolves after that. */
  readonly look: (died?: Died) => Promise<void>;
};

type Parts = {
  readonly id: string;
  readonly pid: number;
  readonly record: EngineRecord;
  readonly calls: EngineCalls;
  readonly replaceFiles: Container["replaceFiles"];
  /** Called before the exit is reported: keeps the output, and has the container removed. */
  readonly keep: (output: Output | null) => Promise<void>;
};

export const engineContainer = ({ id, pid, record, calls, replaceFiles, keep }: Parts): EngineContainer => {
  const exit = exitOnce();
  let ending: Promise<void> | null = null;
  const monitor = lostMonitor();

  const end = async (code: number | null): Promise<void> => {
    const output = await calls.output(id).catch(noEngine);
    await keep(output);
    exit.settle({ code, signal: null, lastLines: lastLinesIn(output?.stderr.toString("utf8") ?? "") });
  };
  const look: EngineContainer["look"] = async (died) => {
    if (ending !== null) return ending;
    const found = await calls.inspect(id);
    const isUntold = found !== null && died === undefined && isLeft(found);
    if (isUntold && !monitor.isLost()) return monitor.later(() => void look().catch(noEngine));
    const code = isUntold ? null : exitCodeOf(found, died);
    if (code === undefined) return;
    ending ??= end(code);
    return ending;
  };
  /** Sends a signal, and looks. An engine that does not answer is asked again for a while: it may be starting. */
  const signal = async (name: "SIGTERM" | "SIGKILL"): Promise<void> => {
    const until = performance.now() + forceMs;
    while (!exit.hasEnded())
      try {
        await calls.signal(id, name);
        return await look();
      } catch (error) {
        if (!(error instanceof NoEngine) || performance.now() > until) throw error;
        await pause(retryMs);
      }
  };
  const kill = async (graceMs: number): Promise<Exit> => {
    if (exit.hasEnded()) return exit.ended;
    await signal("SIGTERM");
    if (await endsWithin(exit, graceMs)) return exit.ended;
    await signal("SIGKILL");
    if (await endsWithin(exit, forceMs)) return exit.ended;
    throw new Error(`The container ${id.slice(0, 12)} cannot be ended.`);
  };
  return {
    container: { reference: id, label: record.label, pid, onExit: exit.onExit, replaceFiles, kill },
    look,
  };
};

/** Lets an engine that does not answer pass; throws every other error. */
const noEngine = (error: unknown): null => {
  if (error instanceof NoEngine) return null;
  throw error;
};

/** How long a monitor may take to tell the end of its process, ms. Later it counts as killed. */
const monitorMs = 3_000;

/** The engine says that a container runs whose process is gone: its monitor will tell the end, or it was killed. */
export const isLeft = (found: Inspected): boolean => saysRunning(found) && !isProcess(found.pid);

/** Follows a container whose monitor may have been killed: then the engine says for ever that it runs. */
const lostMonitor = () => {
  let since: number | null = null;
  return {
    isLost: (): boolean => {
      since ??= performance.now();
      return performance.now() - since >= monitorMs;
    },
    later: (look: () => void): void => {
      setTimeout(look, monitorMs + 1).unref();
    },
  };
};

/** The exit code of a container that has ended; undefined while it runs. Null: it is not known. */
const exitCodeOf = (found: Inspected | null, died: Died | undefined): number | null | undefined => {
  if (found !== null && !saysRunning(found)) return found.exitCode;
  if (died !== undefined) return died.exitCode;
  return found === null ? null : undefined;
};

/**
 * True if a process of this number runs. A zombie does not run; a killed monitor of a container leaves one for good.
 * Also true off Linux and for number 0: the engine may run in a machine of its own, so the answer is not known.
 */
export const isProcess = (pid: number): boolean =>
  process.platform !== "linux" || pid === 0 || processTable.find(pid)?.isZombie === false;
