import type { ContainerRuntime, RuntimeOptions } from "../runtime.ts";
import { processRuntime } from "./process/process-runtime.ts";
import { sandboxRuntime } from "./sandbox/sandbox-runtime.ts";

/**
 * The runtimes that a host can use, by their names in `gatehouse up --runtime`. To add a runtime, add a row.
 */
export type RuntimeTable = Readonly<Record<string, (options: RuntimeOptions) => ContainerRuntime>>;

export const runtimes: RuntimeTable = { process: processRuntime, sandbox: sandboxRuntime };
