import type { ContainerRuntime } from "../runtime.ts";
import { processRuntime } from "./process/process-runtime.ts";

/** What each runtime of a host is made with. */
export type RuntimeOptions = {
  /** A folder of the host's own for records of what runs. */
  readonly folder: string;
  /** This installation. Workloads of another one are left alone. */
  readonly install: string;
  /** Told of what needs a person: torn records, and workloads that could not be ended. */
  readonly report: (problem: string) => void;
};

/** The runtimes that a host can have, by the names that `gatehouse up --runtime` takes. A runtime is a row. */
export type RuntimeTable = Readonly<Record<string, (options: RuntimeOptions) => ContainerRuntime>>;

export const runtimes: RuntimeTable = { process: processRuntime };
