import type { RuntimeError } from "../../runtime-result.ts";

/** The same refusal of a container; if the engine does not know the named OCI runtime, with a sentence that names it. */
export const ociRuntimeProblem = (error: RuntimeError, ociRuntime: string | null): RuntimeError =>
  ociRuntime !== null && error.code === "spawn-failed" && error.message.includes(ociRuntime)
    ? {
        code: "unsupported",
        message: `The engine cannot use the OCI runtime "${ociRuntime}". ${error.message}`,
        fix: "Add it to the engine's configuration, or name another one.",
      }
    : error;
