export { unlimited } from "./unlimited.ts";
export { explain } from "./explain.ts";
export { checkFiles } from "./files-in.ts";
export type { FileIn, FileSource, FilesIn } from "./files-in.ts";
export type {
  Container,
  ContainerLabel,
  ContainerRuntime,
  WorkloadSpec,
  Exit,
  FolderOwner,
  Mount,
} from "./runtime.ts";
export type { RuntimeError, RuntimeResult } from "./runtime-result.ts";
