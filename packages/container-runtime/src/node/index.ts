export { processRuntime } from "./process/process-runtime.ts";
export type { ProcessRuntimeOptions } from "./process/registry.ts";
export { runtimes, type RuntimeOptions, type RuntimeTable } from "./runtimes.ts";
