import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import type { Result } from "@gatehouse/std";
import { isAccepted, type TrustFacts } from "../judge-trust.ts";
import { type ReadError, readJson } from "./read-file.ts";

/** The environment of a program, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The file where Claude Code keeps its state, including `projects`: `.claude.json` in `$CLAUDE_CONFIG_DIR`,
 * else in the home folder. If a `.config.json` of the first releases still exists, Claude Code reads and
 * writes that file instead (2.1.328 does).
 */
export const stateFile = (env: Environment, home: string): string => {
  const configDir = env["CLAUDE_CONFIG_DIR"] || null;
  const firstReleases = join(configDir ?? join(home, ".claude"), ".config.json");
  return existsSync(firstReleases) ? firstReleases : join(configDir ?? home, ".claude.json");
};

/**
 * The `projects` of the state file, unchanged. They contain data of other owners, so callers must not keep
 * them.
 */
export type ProjectsRead = Result<TrustFacts["projects"], ReadError>;

/** A pause in milliseconds. */
export type Wait = (milliseconds: number) => Promise<unknown>;

/**
 * Milliseconds before each further read of a file that is not complete JSON: another process may be writing
 * it.
 */
const tornRetries = [5, 20, 50, 100];

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const projectsOf = (state: unknown): ProjectsRead => {
  const projects = isFields(state) ? (state["projects"] ?? {}) : null;
  return isFields(projects)
    ? { ok: true, value: projects }
    : { ok: false, error: { code: "unreadable", detail: "it has another shape" } };
};

/**
 * Reads the state file, several times if necessary, until it is complete JSON. A relative path is unreadable: Claude Code
 * 2.1.332 takes a relative `CLAUDE_CONFIG_DIR`, and `~/` too, from the folder in which it works, and this process works in
 * another.
 */
export const readProjects = async (file: string, wait: Wait = after): Promise<ProjectsRead> => {
  if (!isAbsolute(file))
    return { ok: false, error: { code: "unreadable", detail: `${file} is no absolute path` } };
  let state = await readJson(file);
  for (const delay of tornRetries) {
    if (state.ok || state.error.code !== "not-json") break;
    await wait(delay);
    state = await readJson(file);
  }
  return state.ok ? projectsOf(state.value) : state;
};

/**
 * Reads every key that Claude Code's state marks trusted, for any folder; empty if there is no state file
 * yet. Compare two of these lists, read before and after an answer, to learn what that answer recorded.
 */
export const readTrustedKeys = async ({
  env,
  home,
}: {
  readonly env: Environment;
  readonly home: string;
}): Promise<Result<readonly string[], ReadError>> => {
  const read = await readProjects(stateFile(env, home));
  if (!read.ok) return read.error.code === "missing" ? { ok: true, value: [] } : read;
  return { ok: true, value: Object.keys(read.value).filter((key) => isAccepted(read.value, key)) };
};
