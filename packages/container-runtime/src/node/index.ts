export { processRuntime } from "./process/process-runtime.ts";
export type { ProcessRuntimeOptions } from "./process/registry.ts";
