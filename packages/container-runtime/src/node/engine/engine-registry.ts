import { setTimeout as pause } from "node:timers/promises";
import type { Container } from "../../runtime.ts";
import type { RuntimeOptions } from "../../runtime.ts";
import { type EngineCalls, isStateUnstarted, type Output, saysRunning } from "./engine-calls.ts";
import { type EngineClient, NoEngine } from "./engine-client.ts";
import { engineContainer, type EngineContainer, isProcessGone } from "./engine-container.ts";
import { type Died, engineEvents } from "./engine-events.ts";
import { type EngineRecord, recordIn } from "./engine-labels.ts";
import { isLeftScript, isScript } from "./script-names.ts";
import { placedFiles } from "../mounts/placed-files.ts";
import { writeLogEnd } from "../process/log-file.ts";

/** The containers that this process started or adopted. */
export type EngineRegistry = {
  readonly report: RuntimeOptions["report"];
  /** Resolves when no later exit of a container is missed. Rejects with a `NoEngine`. */
  readonly isWatching: () => Promise<void>;
  /** Remembers the exit of a container that is being started, until `over` is called. */
  readonly starting: (id: string) => { readonly over: () => void };
  /** Adds a container that this process has started. */
  readonly started: (id: string, record: EngineRecord) => Promise<Container>;
  /**
   * Adopts a running container, and removes a container that has ended or was never started. Removes a container that
   * makes an image for a host that has ended.
   */
  readonly find: (id: string) => Promise<void>;
  /** Checks all known containers: the engine reports no exit if a container's monitor was killed. */
  readonly checkAll: () => Promise<void>;
  readonly running: () => readonly Container[];
  readonly isClosed: () => boolean;
  /** Resolves when the removals that have begun are over, or take too long: the next `find` repeats those. */
  readonly close: () => Promise<void>;
};

type RegistryOptions = RuntimeOptions & { readonly client: EngineClient; readonly calls: EngineCalls };

/** Age at which a container that was never started is removed, ms: another host may be about to start it. */
const mostMadeMs = 60_000;

/** Time that `close` waits for removals, ms. */
const mostRemovalMs = 10_000;

/** Pause before a container is checked again if its engine did not answer, ms. */
const againMs = 1_000;

/** Time between two checks of all containers, ms. */
const sweepMs = 30_000;

export const engineRegistry = (options: RegistryOptions): EngineRegistry => {
  const { install, report, client, calls } = options;
  const known = new Map<string, EngineContainer>();
  /** Containers that are being started, each with its exit if it already had one. */
  const starting = new Map<string, Died | null>();
  /** Containers whose process was gone when `find` saw them first. */
  const goneOnce = new Set<string>();
  const reportForeign = foreignOnce(report);
  const clearing = createClearing(options);
  const checks = createChecks(known, options);
  const onDied = (died: Died): void => {
    if (starting.has(died.id)) starting.set(died.id, died);
    const it = known.get(died.id);
    if (it !== undefined) void checks.check(it, died);
  };
  const events = engineEvents({ client, install, onDied, onAgain: () => void checks.checkAll() });
  const add = (id: string, pid: number, record: EngineRecord): EngineContainer => {
    const { placed, logFile, user } = record;
    const it = engineContainer({
      id,
      pid,
      record,
      calls,
      replaceFiles: (files) => placedFiles(placed).replace(files, user),
      keep: async (output) => {
        known.delete(id);
        await clearing.clear(id, logFile, output);
      },
    });
    known.set(id, it);
    return it;
  };
  const find = async (id: string): Promise<void> => {
    const isOurs = (): boolean => known.has(id) || starting.has(id) || clearing.has(id);
    const found = isOurs() ? null : await calls.inspect(id);
    if (found === null || isOurs() || found.status === "removing") return;
    if (isScript(found.name)) return isLeftScript(found.name) ? calls.remove(id) : undefined;
    const record = recordIn(found.labels);
    if (record === null) return reportForeign(id);
    // Usually its monitor is about to report the exit. If the monitor was killed, the next call adopts the container.
    if (isProcessGone(found) && !goneOnce.has(id)) return void goneOnce.add(id);
    if (saysRunning(found)) return checks.check(add(id, found.pid, record));
    if (isStateUnstarted(found.status) && Date.now() - found.createdAt < mostMadeMs) return;
    await clearing.clear(id, record.logFile, await calls.output(id));
  };
  const started: EngineRegistry["started"] = async (id, record) => {
    const found = await calls.inspect(id);
    const it = add(id, found?.pid ?? 0, record);
    await checks.check(it, starting.get(id) ?? undefined);
    return it.container;
  };
  return {
    report,
    isWatching: events.isOpen,
    starting: (id) => {
      starting.set(id, null);
      return { over: () => void starting.delete(id) };
    },
    started,
    find,
    checkAll: checks.checkAll,
    running: () => [...known.values()].map(({ container }) => container),
    isClosed: checks.areStopped,
    close: async () => {
      checks.stop();
      events.close();
      await clearing.settled();
    },
  };
};

/** Reports each container with labels of another version once. */
const foreignOnce = (report: RuntimeOptions["report"]): ((id: string) => void) => {
  const reported = new Set<string>();
  return (id) => {
    if (!reported.has(id)) report(`The container ${id.slice(0, 12)} has labels of another version.`);
    reported.add(id);
  };
};

/** Checks one container until its engine answers, and all containers at an interval. */
const createChecks = (
  known: ReadonlyMap<string, EngineContainer>,
  { report }: Pick<RegistryOptions, "report">,
) => {
  let areStopped = false;
  const check = async (it: EngineContainer, died?: Died): Promise<void> => {
    try {
      await it.check(died);
    } catch (error) {
      // Most of these calls are not awaited: an error must not end the host.
      if (!(error instanceof NoEngine)) return report(`A container cannot be checked: ${String(error)}`);
      if (!areStopped) setTimeout(() => void check(it, died), againMs).unref();
    }
  };
  const checkAll = async (): Promise<void> => {
    await Promise.all([...known.values()].map((it) => check(it)));
  };
  const sweep = setInterval(() => void checkAll(), sweepMs);
  sweep.unref();
  return {
    check,
    checkAll,
    areStopped: () => areStopped,
    stop: (): void => {
      areStopped = true;
      clearInterval(sweep);
    },
  };
};

/**
 * Writes the output of ended containers to their logs, and removes them in the background, because Docker 20.10.24 once
 * took ten seconds. A failed removal is repeated by the next `find`, since the engine's list still has the container.
 */
const createClearing = ({ calls, report }: RegistryOptions) => {
  const leaving = new Map<string, Promise<void>>();
  return {
    has: (id: string): boolean => leaving.has(id),
    settled: async (): Promise<void> => {
      const late = new AbortController();
      await Promise.race([
        Promise.all(leaving.values()),
        pause(mostRemovalMs, undefined, { signal: late.signal }).catch(() => {}),
      ]);
      late.abort();
    },
    clear: async (id: string, logFile: string, output: Output | null): Promise<void> => {
      const problem = output === null ? null : await writeLogEnd(logFile, output.all, report);
      if (problem !== null) report(`The log ${logFile} cannot be written: ${problem}.`);
      if (leaving.has(id)) return;
      const removal = calls
        .remove(id)
        .catch((error: unknown) => {
          if (!(error instanceof NoEngine)) report(`A container cannot be removed: ${String(error)}`);
        })
        .finally(() => leaving.delete(id));
      leaving.set(id, removal);
    },
  };
};
