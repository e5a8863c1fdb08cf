import type { ContainerRuntime } from "../runtime.ts";
import { processRuntime } from "./process/process-runtime.ts";
import { sandboxRuntime } from "./sandbox/sandbox-runtime.ts";

/** The options of every runtime of a host. */
export type RuntimeOptions = {
  /** The host's own folder for records of running workloads. */
  readonly folder: string;
  /** The name of this installation. Workloads of another installation are ignored. */
  readonly install: string;
  /** Receives problems that need a person: torn records, and workloads that could not be ended. */
  readonly report: (problem: string) => void;
};

/**
 * The runtimes that a host can use, by their names in `gatehouse up --runtime`. To add a runtime, add a row.
 */
export type RuntimeTable = Readonly<Record<string, (options: RuntimeOptions) => ContainerRuntime>>;

export const runtimes: RuntimeTable = { process: processRuntime, sandbox: sandboxRuntime };
