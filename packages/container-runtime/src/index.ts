export { unlimited } from "./unlimited.ts";
export { abilities, unmetBy } from "./abilities.ts";
export type { Ability, Cannot, Unmet } from "./abilities.ts";
export { explain } from "./runtime-messages.ts";
export { checkFiles } from "./files-in.ts";
export type { FileIn, FileSource, FilesIn } from "./files-in.ts";
export type { Container, ContainerRuntime, Exit, FolderOwner } from "./runtime.ts";
export type { ContainerLabel, WorkloadSpec, Mount } from "./workload-spec.ts";
export type { RuntimeError, RuntimeResult } from "./runtime-result.ts";
