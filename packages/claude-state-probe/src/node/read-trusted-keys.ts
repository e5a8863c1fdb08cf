import { isAccepted } from "../judge-trust.ts";
import type { Result } from "@gatehouse/std";
import type { ProbeContext } from "./probe-trust.ts";
import type { ReadError } from "./read-json.ts";
import { readProjects } from "./read-projects.ts";
import { stateFile } from "./state-file.ts";

/**
 * Every key that Claude Code's state says is trusted, whichever folder it covers; none where there is no state yet. Two
 * of these, read before and after an answer, tell what that answer recorded.
 */
export const readTrustedKeys = async ({
  env,
  home,
}: Pick<ProbeContext, "env" | "home">): Promise<Result<readonly string[], ReadError>> => {
  const read = await readProjects(stateFile(env, home));
  if (!read.ok) return read.error.code === "missing" ? { ok: true, value: [] } : read;
  return { ok: true, value: Object.keys(read.value).filter((key) => isAccepted(read.value, key)) };
};
