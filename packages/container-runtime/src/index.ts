export { type ContainerLabel, type Mount, unlimited, type WorkloadSpec } from "./workload-spec.ts";
export { abilities, type Ability, type Cannot, type Unmet, unmetBy } from "./check-spec.ts";
export { explain, type RuntimeError, type RuntimeResult } from "./runtime-result.ts";
export { checkFiles, type FileIn, type FilesIn, type FileSource } from "./files-in.ts";
export { exitOnce, type ExitOnce } from "./runtime.ts";
export type { Container, ContainerRuntime, Exit, FolderOwner } from "./runtime.ts";
