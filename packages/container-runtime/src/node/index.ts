export { engineRuntime, type EngineRuntimeOptions } from "./engine/engine-runtime.ts";
export type { FileChange } from "./engine/engine-calls.ts";
export { probeEngine, type EngineFacts } from "./engine/probe-engine.ts";
export { extendImage, type ImageExtension } from "./extend-image.ts";
export { buildImage, type EngineImage, type ImageBuild, listImages, pruneImages } from "./images.ts";
export {
  type ContainerQuery,
  listContainers,
  type ListedContainer,
  listProcesses,
} from "./list-containers.ts";
export { contentOf } from "./process/archive.ts";
export { folderBelow } from "./process/place-files-as.ts";
export { processRuntime } from "./process/process-runtime.ts";
export type { ProcessRuntimeOptions } from "./process/registry.ts";
export { probeSandbox } from "./sandbox/probe-sandbox.ts";
export { runInSandbox, type SandboxScript } from "./sandbox/run-in-sandbox.ts";
export { sandboxRuntime } from "./sandbox/sandbox-runtime.ts";
export type { RuntimeOptions } from "../runtime.ts";
export { runtimes, type RuntimeTable } from "./runtimes.ts";
