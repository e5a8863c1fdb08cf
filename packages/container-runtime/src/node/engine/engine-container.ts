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

/** Maximum wait for the exit after SIGKILL, ms. Ten stops at the same time took a second (Podman 4.3.1). */
const forceMs = 10_000;

/** Pause between two tries of a signal if the engine does not answer, ms. */
const retryMs = 250;

/** A container of an engine, with the check that its registry calls. */
export type EngineContainer = {
  readonly container: Container;
  /** Checks whether the container runs. Reports the exit of an ended or removed container before it resolves. */
  readonly check: (died?: Died) => Promise<void>;
};

type Parts = {
  readonly id: string;
  readonly pid: number;
  readonly record: EngineRecord;
  readonly calls: EngineCalls;
  readonly replaceFiles: Container["replaceFiles"];
  /** Called before the exit is reported: writes the output to the log, and removes the container. */
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
  const check: EngineContainer["check"] = async (died) => {
    if (ending !== null) return ending;
    const found = await calls.inspect(id);
    const hasLostProcess = found !== null && died === undefined && isProcessGone(found);
    if (hasLostProcess && !monitor.isLost()) return monitor.later(() => void check().catch(noEngine));
    const code = hasLostProcess ? null : exitCodeOf(found, died);
    if (code === undefined) return;
    ending ??= end(code);
    return ending;
  };
  /** Sends a signal, then checks the container. Retries for `forceMs`, because the engine may be restarting. */
  const signal = async (name: "SIGTERM" | "SIGKILL"): Promise<void> => {
    const until = performance.now() + forceMs;
    while (!exit.hasEnded())
      try {
        await calls.signal(id, name);
        return await check();
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
    check,
  };
};

/** Ignores an engine that does not answer; throws every other error. */
const noEngine = (error: unknown): null => {
  if (error instanceof NoEngine) return null;
  throw error;
};

/** Time in which a monitor must report the end of its process, ms. After it, the monitor counts as killed. */
const monitorMs = 3_000;

/** True if the engine reports a container as running whose process is gone: its monitor is late, or was killed. */
export const isProcessGone = (found: Inspected): boolean => saysRunning(found) && !isProcess(found.pid);

/** Times a container whose process is gone. If its monitor was killed, the engine reports it as running for ever. */
const lostMonitor = () => {
  let since: number | null = null;
  return {
    isLost: (): boolean => {
      since ??= performance.now();
      return performance.now() - since >= monitorMs;
    },
    later: (check: () => void): void => {
      setTimeout(check, monitorMs + 1).unref();
    },
  };
};

/** The exit code of an ended container; null if it is unknown; undefined while the container runs. */
const exitCodeOf = (found: Inspected | null, died: Died | undefined): number | null | undefined => {
  if (found !== null && !saysRunning(found)) return found.exitCode;
  if (died !== undefined) return died.exitCode;
  return found === null ? null : undefined;
};

/**
 * True if a process with this pid runs. A zombie does not: the killed monitor of a container leaves one.
 * Also true if it cannot be known: off Linux, and for pid 0, because the engine may run in a virtual machine.
 */
export const isProcess = (pid: number): boolean =>
  process.platform !== "linux" || pid === 0 || processTable.find(pid)?.isZombie === false;
