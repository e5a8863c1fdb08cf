import { setTimeout as after } from "node:timers/promises";
import type { TrustFacts } from "../judge-trust.ts";
import type { Result } from "@gatehouse/std";
import { readJson, type ReadError } from "./read-json.ts";

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

/** Reads the state file, several times if necessary, until it is complete JSON. */
export const readProjects = async (file: string, wait: Wait = after): Promise<ProjectsRead> => {
  let state = await readJson(file);
  for (const delay of tornRetries) {
    if (state.ok || state.error.code !== "not-json") break;
    await wait(delay);
    state = await readJson(file);
  }
  return state.ok ? projectsOf(state.value) : state;
};
