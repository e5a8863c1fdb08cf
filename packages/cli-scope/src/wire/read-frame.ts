import type { RequestFrame } from "./frame.ts";
import { limits } from "./limits.ts";
import type { FrameProblem } from "../problems/problem.ts";
import type { Result } from "@gatehouse/std";
import { unsafeText } from "../args/unsafe-value.ts";

/** The problem, and the id to answer to: the frame's own if it is usable, else empty. */
type BadFrame = { readonly id: string; readonly problem: FrameProblem };

const isText = (value: unknown, most: number): value is string =>
  typeof value === "string" && value !== "" && value.length <= most && unsafeText(value) === null;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Checks a frame that a transport has read. Unknown fields are ignored; in particular, a frame has no field
 * for identity.
 */
export const readFrame = (frame: unknown): Result<RequestFrame, BadFrame> => {
  if (!isObject(frame)) return { ok: false, error: { id: "", problem: { code: "frame-not-object" } } };
  const field = (name: string): unknown => (Object.hasOwn(frame, name) ? frame[name] : undefined);
  const [id, command, args] = [field("id"), field("command"), field("args") ?? {}];
  const bad = (at: string, name: "id" | "command" | "args"): Result<never, BadFrame> => ({
    ok: false,
    error: { id: at, problem: { code: "frame-field", field: name } },
  });
  if (!isText(id, limits.frameId)) return bad("", "id");
  if (!isText(command, limits.command)) return bad(id, "command");
  if (!isObject(args)) return bad(id, "args");
  return { ok: true, value: { id, command, args } };
};
