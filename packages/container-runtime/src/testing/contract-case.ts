import type { Container, ContainerRuntime, Exit } from "../runtime.ts";
import type { RuntimeResult } from "../runtime-result.ts";
import type { WorkloadSpec } from "../workload-spec.ts";

/** The programs that the contract's cases run. Each runtime provides its own. */
export type ContractProgram =
  /** Runs until it is asked to end. */
  | "stays"
  /** Runs on when it is asked to end. */
  | "ignores-sigterm"
  /** Writes the lines "first" and "last words" to stderr, and exits with 3. */
  | "exits-3"
  /**
   * Runs until it is asked to end. Then it writes the content of its file `in/word` to stderr, and exits with
   * 0.
   */
  | "says-its-word";

/** A machine without any container. */
export type RuntimeSubject = {
  /** The runtime of a newly started host. All of them share one machine, and find each other's containers. */
  readonly host: (install?: string) => ContainerRuntime;
  /** The name of another installation. Subjects share an engine, so each needs a different name. */
  readonly otherInstall: string;
  readonly spec: (program: ContractProgram, label?: Partial<WorkloadSpec["label"]>) => WorkloadSpec;
  /** Resolves when the program is ready. */
  readonly isUp: (container: Container) => Promise<void>;
  /** Kills the container with SIGKILL, without using a runtime. */
  readonly crash: (container: Container) => Promise<void>;
};

/** One case of the contract. `check` rejects with the reason if the runtime does not pass. */
export type ContractCase = {
  readonly title: string;
  readonly check: (subject: RuntimeSubject) => Promise<void>;
};

/** The signal of an exit. Engines report a signal only as the exit code 128 plus its number. */
export const signalOf = ({ signal, code }: Exit): string | null =>
  signal ?? (code === 143 ? "SIGTERM" : code === 137 ? "SIGKILL" : null);

export const exitOf = (container: Container): Promise<Exit> =>
  new Promise((resolve) => container.onExit(resolve));

export const valueOf = <T>(result: RuntimeResult<T>): T => {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
};

export const same = (found: unknown, expected: unknown): void => {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`expected ${other}, found ${one}`);
};
