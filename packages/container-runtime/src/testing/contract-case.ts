import type { Container, ContainerRuntime, Exit } from "../runtime.ts";
import type { RuntimeResult } from "../runtime-result.ts";
import type { WorkloadSpec } from "../workload-spec.ts";

/** The programs that the contract is tried on. Each runtime provides its own. */
export type ContractProgram =
  /** Stays until it is asked to end. */
  | "stays"
  /** Stays also when it is asked to end. */
  | "ignores-sigterm"
  /** Writes the lines "first" and "last words" to stderr, and exits with 3. */
  | "exits-3"
  /** Stays until it is asked to end. Then it writes the file `in/word` of its files to stderr, and exits with 0. */
  | "says-its-word";

/** A machine with nothing on it yet. */
export type RuntimeSubject = {
  /** The runtime of a host that starts now. All of them are of one machine, and find what others started. */
  readonly host: (install?: string) => ContainerRuntime;
  /** The name of another installation: an engine is shared, so each subject has its own. */
  readonly otherInstall: string;
  readonly spec: (program: ContractProgram, label?: Partial<WorkloadSpec["label"]>) => WorkloadSpec;
  /** Resolves when the program has come up. */
  readonly isUp: (container: Container) => Promise<void>;
  /** Ends it by SIGKILL, and no host has asked for it. */
  readonly crash: (container: Container) => Promise<void>;
};

/** One case. `check` rejects with the reason if the runtime breaks it. */
export type ContractCase = {
  readonly title: string;
  readonly check: (subject: RuntimeSubject) => Promise<void>;
};

/** Engines tell the code alone: 128 and the number of the signal. */
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
