import type { Container } from "../../runtime.ts";
import type { RuntimeOptions } from "../runtimes.ts";
import { type EngineCalls, isStateUnstarted, type Output, saysRunning } from "./engine-calls.ts";
import { type EngineClient, NoEngine } from "./engine-client.ts";
import { engineContainer, type EngineContainer, isLeft } from "./engine-container.ts";
import { type Died, engineEvents } from "./engine-events.ts";
import { type EngineRecord, recordIn } from "./engine-labels.ts";
import { placedFiles } from "./placed-files.ts";
import { writeLogEnd } from "../process/log-file.ts";

/** The containers that this process started or adopted. */
export type EngineRegistry = {
  /** Resolves when no later death of a container is missed. Rejects with a `NoEngine`. */
  readonly isWatching: () => Promise<void>;
  /** Keeps the death of a container that is being started, until its start is over. */
  readonly starting: (id: string) => { readonly over: () => void };
  /** Adds a container that this process has started. */
  readonly started: (id: string, record: EngineRecord) => Promise<Container>;
  /** Adopts a container that runs, and clears one away that has ended or was never started. */
  readonly find: (id: string) => Promise<void>;
  /** Looks at all known containers: a death is not told if a container's monitor was killed. */
  readonly lookAtAll: () => Promise<void>;
  readonly running: () => readonly Container[];
  readonly isClosed: () => boolean;
  readonly close: () => void;
};

type RegistryOptions = RuntimeOptions & { readonly client: EngineClient; readonly calls: EngineCalls };

/** How long a container may be made and not started, ms: another host may be about to start it. */
const mostMadeMs = 60_000;

/** Between two looks at a container whose engine does not answer, ms. */
const againMs = 1_000;

/** Between two looks at all containers, ms. */
const sweepMs = 30_000;

export const engineRegistry = (options: RegistryOptions): EngineRegistry => {
  const { install, report, client, calls } = options;
  const known = new Map<string, EngineContainer>();
  /** Containers that are being started, with their deaths meanwhile. */
  const starting = new Map<string, Died | null>();
  /** Containers that were found with their process gone. */
  const left = new Set<string>();
  const tellForeign = foreignOnce(report);
  const clearing = createClearing(options);
  const looks = createLooks(known, options);
  const onDied = (died: Died): void => {
    if (starting.has(died.id)) starting.set(died.id, died);
    const it = known.get(died.id);
    if (it !== undefined) void looks.at(it, died);
  };
  const events = engineEvents({ client, install, onDied, onAgain: () => void looks.atAll() });
  const add = (id: string, pid: number, record: EngineRecord): EngineContainer => {
    const { placed, logFile, user } = record;
    const it = engineContainer({
      ...{ id, pid, record, calls },
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
    const record = recordIn(found.labels);
    if (record === null) return tellForeign(id);
    // Its monitor is about to tell its end; if it was killed, the container is adopted with the next call.
    if (isLeft(found) && !left.has(id)) return void left.add(id);
    if (saysRunning(found)) return looks.at(add(id, found.pid, record));
    if (isStateUnstarted(found.status) && Date.now() - found.createdAt < mostMadeMs) return;
    await clearing.clear(id, record.logFile, await calls.output(id));
  };
  const started: EngineRegistry["started"] = async (id, record) => {
    const found = await calls.inspect(id);
    const it = add(id, found?.pid ?? 0, record);
    await looks.at(it, starting.get(id) ?? undefined);
    return it.container;
  };
  return {
    isWatching: events.isOpen,
    starting: (id) => {
      starting.set(id, null);
      return { over: () => void starting.delete(id) };
    },
    ...{ started, find, lookAtAll: looks.atAll },
    running: () => [...known.values()].map(({ container }) => container),
    isClosed: looks.areStopped,
    close: () => [looks.stop, events.close].forEach((stop) => stop()),
  };
};

/** Tells of each container with labels of another version once. */
const foreignOnce = (report: RuntimeOptions["report"]): ((id: string) => void) => {
  const told = new Set<string>();
  return (id) => {
    if (!told.has(id)) report(`The container ${id.slice(0, 12)} has labels of another version.`);
    told.add(id);
  };
};

/** Looks at containers: at one again while its engine does not answer, and at all of them now and then. */
const createLooks = (
  known: ReadonlyMap<string, EngineContainer>,
  { report }: Pick<RegistryOptions, "report">,
) => {
  let areStopped = false;
  const at = async (it: EngineContainer, died?: Died): Promise<void> => {
    try {
      await it.look(died);
    } catch (error) {
      // Most of these calls are not awaited: an error must not end the host.
      if (!(error instanceof NoEngine)) return report(`A container cannot be looked at: ${String(error)}`);
      if (!areStopped) setTimeout(() => void at(it, died), againMs).unref();
    }
  };
  const atAll = async (): Promise<void> => {
    await Promise.all([...known.values()].map((it) => at(it)));
  };
  const sweep = setInterval(() => void atAll(), sweepMs);
  sweep.unref();
  return {
    ...{ at, atAll, areStopped: () => areStopped },
    stop: (): void => {
      areStopped = true;
      clearInterval(sweep);
    },
  };
};

/**
 * Keeps the output of ended containers, and removes them in the background: it once took Docker 20.10.24 ten seconds.
 * A removal that fails is tried again, since the list of ended containers still has it.
 */
const createClearing = ({ calls, report }: RegistryOptions) => {
  const leaving = new Set<string>();
  return {
    has: (id: string): boolean => leaving.has(id),
    clear: async (id: string, logFile: string, output: Output | null): Promise<void> => {
      const problem = output === null ? null : await writeLogEnd(logFile, output.all);
      if (problem !== null) report(`The log ${logFile} cannot be written: ${problem}.`);
      if (leaving.has(id)) return;
      leaving.add(id);
      void calls
        .remove(id)
        .catch((error: unknown) => {
          if (!(error instanceof NoEngine)) report(`A container cannot be removed: ${String(error)}`);
        })
        .finally(() => leaving.delete(id));
    },
  };
};
