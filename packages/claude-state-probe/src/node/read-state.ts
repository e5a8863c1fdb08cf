import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { Result, TrustFacts } from "../index.ts";
import { systemCode } from "./system-code.ts";

/** `torn` may heal by itself: a writer is at work. */
export type StateError = { readonly code: "missing" | "unreadable" | "torn"; readonly detail: string };
export type Projects = TrustFacts["projects"];

const failure = (code: StateError["code"], detail: string): Result<never, StateError> => ({
  ok: false,
  error: { code, detail },
});

/** The whole file in one read. Opened without blocking, so that a named pipe in its place cannot hold us up. */
const bytesOf = async (file: string): Promise<Buffer | "not-a-file"> => {
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const status = await handle.stat();
    if (!status.isFile()) return "not-a-file";
    const buffer = Buffer.allocUnsafe(status.size);
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  } finally {
    await handle.close();
  }
};

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A byte order mark is allowed, as editors on Windows write one. */
const projectsIn = (text: string): Result<Projects, StateError> => {
  let state: unknown;
  try {
    state = JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (error) {
    if (error instanceof SyntaxError) return failure("torn", "not whole JSON");
    throw error;
  }
  if (!isFields(state)) return failure("unreadable", "not a JSON object");
  const projects = state["projects"] ?? {};
  return isFields(projects)
    ? { ok: true, value: projects }
    : failure("unreadable", "its projects are no object");
};

/** Reads `projects` once. There is no limit of size: real files grow to many megabytes. */
export const readProjects = async (file: string): Promise<Result<Projects, StateError>> => {
  try {
    const bytes = await bytesOf(file);
    return bytes === "not-a-file" ? failure("unreadable", "not a file") : projectsIn(bytes.toString("utf8"));
  } catch (error) {
    const code = systemCode(error);
    return failure(code === "ENOENT" ? "missing" : "unreadable", code);
  }
};
