import { isAccepted } from "../judge-trust.ts";
import type { Result } from "@gatehouse/std";
import type { ProbeContext } from "./probe-trust.ts";
import type { ReadError } from "./read-json.ts";
import { readProjects } from "./read-projects.ts";
import { stateFile } from "./state-file.ts";

/**
 * Reads every key that Claude Code's state marks trusted, for any folder; empty if there is no state file
 * yet. Compare two of these lists, read before and after an answer, to learn what that answer recorded.
 */
export const readTrustedKeys = async ({
  env,
  home,
}: Pick<ProbeContext, "env" | "home">): Promise<Result<readonly string[], ReadError>> => {
  const read = await readProjects(stateFile(env, home));
  if (!read.ok) return read.error.code === "missing" ? { ok: true, value: [] } : read;
  return { ok: true, value: Object.keys(read.value).filter((key) => isAccepted(read.value, key)) };
};
