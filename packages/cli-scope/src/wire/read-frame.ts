import type { RequestFrame } from "./frame.ts";
import { limits } from "./limits.ts";
import type { FrameProblem } from "../problems/problem.ts";
import type { Result } from "@gatehouse/std";
import { unsafeText } from "../args/unsafe-value.ts";

/** What is wrong, and the id to answer to: the frame's own where it can be used, else empty. */
type BadFrame = { readonly id: string; readonly problem: FrameProblem };

const isText = (value: unknown, most: number): value is string =>
  typeof value === "string" && value !== "" && value.length <= most && unsafeText(value) === null;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A frame as a transport read it from its line. Fields that no frame has are not looked at: identity, for one, is no field. */
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
