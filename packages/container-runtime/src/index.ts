export { explain } from "./explain.ts";
export type {
  Container,
  ContainerLabel,
  ContainerRuntime,
  ContainerSpec,
  Exit,
  Mount,
  RuntimeError,
  RuntimeResult,
} from "./runtime.ts";
