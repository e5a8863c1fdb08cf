import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { systemCode } from "@gatehouse/std";
import { expect, onTestFinished } from "vitest";
import { killGroup, runnersIn } from "./runners.fixture.ts";
import { stateOf } from "@gatehouse/processes/records";

/** A running agent of a session, by its first process. */
export type Worker = { readonly pid: number; readonly sessionId: string };

/** What runs the agents of a town's host, and how they are killed. */
export type Workers = {
  /** The flags of `gatehouse up`. */
  readonly upFlags: readonly string[];
  /** What such a host prints on stderr. */
  readonly notes: unknown;
  /** The agents of a data folder that live. */
  readonly list: (dataDir: string) => Promise<readonly Worker[]>;
  readonly kill: (worker: Worker) => void;
  /** Kills what an engine watches a container with. A process has none. */
  readonly killMonitor: (worker: Worker) => void;
  /** Kills the engine's service, and starts it again. */
  readonly killEngine: () => Promise<void>;
  /** Waits until a running host has removed what kills have left: a sweep, at most. */
  readonly isSettled: (dataDir: string) => Promise<void>;
  /** Checks that a host which was stopped left nothing. */
  readonly isOver: (dataDir: string) => Promise<void>;
  /** Ends what is left, after a failure. */
  readonly end: (dataDir: string) => Promise<void>;
};

/** Agents with a record in the data folder, each the leader of its own process group. */
const recordedWorkers = (
  records: "processes" | "sandboxes",
): Omit<Workers, "upFlags" | "notes" | "isOver"> => ({
  list: (dataDir) =>
    Promise.resolve(runnersIn(dataDir, records).filter(({ record }) => stateOf(record) === "running")),
  kill: ({ pid }) => killGroup(pid),
  killMonitor: () => undefined,
  killEngine: () => Promise.resolve(),
  isSettled: () => Promise.resolve(),
  end: async (dataDir) => {
    for (const { pid } of runnersIn(dataDir, records)) killGroup(pid);
  },
});

/** Agents as processes. */
export const processWorkers: Workers = {
  ...recordedWorkers("processes"),
  upFlags: [],
  notes: "",
  isOver: async (dataDir) => expect(runnersIn(dataDir)).toEqual([]),
};

/** Agents in sandboxes. The end of a sandbox's namespace ends every program in it. */
export const sandboxWorkers: Workers = {
  ...recordedWorkers("sandboxes"),
  upFlags: ["--runtime", "sandbox"],
  notes: expect.stringContaining("Agents run in sandboxes of bubblewrap ") as unknown,
  isOver: async (dataDir) => {
    expect(runnersIn(dataDir, "sandboxes")).toEqual([]);
    expect(commandLines().filter((line) => line.includes("bwrap") && line.includes(dataDir))).toEqual([]);
  },
};

/** The command lines of all processes of this machine. */
const commandLines = (): readonly string[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8");
      } catch (error) {
        systemCode(error);
        return "";
      }
    });

/** Sends SIGKILL to one process. Does nothing for 0, or if it has ended. */
export const killPid = (pid: number): void => {
  if (pid <= 1) return;
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    expect(systemCode(error)).toBe("ESRCH");
  }
};

/** The interval between two checks of the agents, ms. */
const everyMs = 200;

/**
 * Checks until the end of the test whether two running agents work on one session. Returns the list to which it adds
 * the ids of such sessions. An agent is recorded before its program starts, so each check first reads the records, and
 * then whether their processes run.
 */
export const watchWorkers = (workers: Workers, dataDir: string): readonly string[] => {
  const doubles: string[] = [];
  let isOver = false;
  const look = async (): Promise<void> => {
    const ids = (await workers.list(dataDir)).map(({ sessionId }) => sessionId);
    doubles.push(...ids.filter((id, index) => ids.indexOf(id) !== index));
  };
  const next = (): void => {
    if (isOver) return;
    timer = setTimeout(() => void look().then(next), everyMs);
  };
  let timer = setTimeout(next, everyMs);
  onTestFinished(() => {
    isOver = true;
    clearTimeout(timer);
  });
  return doubles;
};
