import { limits } from "./limits.ts";
import { readSoundUsers } from "./read-sound-users.ts";
import type { Result } from "@gatehouse/std";
import { syntaxProblems } from "./syntax-problems.ts";
import type { UserSet } from "../user/user.ts";
import type { UsersProblem } from "./users-problem.ts";

/**
 * Reads a users.yaml whole and strictly. Any problem refuses the file. All problems are reported with line
 * and column, in the order of the text (at most `limits.problems`). An empty file is an empty set.
 */
export const readUsers = (text: string): Result<UserSet, readonly UsersProblem[]> => {
  const read = readSoundUsers(text);
  if (read.ok) return read;
  const isNoYaml = read.error.some(({ code }) => code === "not-yaml");
  const problems = isNoYaml ? syntaxProblems(text, read.error) : read.error;
  return { ok: false, error: problems.slice(0, limits.problems) };
};
