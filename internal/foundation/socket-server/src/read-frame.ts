import { isUtf8, type Buffer } from "node:buffer";
import type { Result } from "@gatehouse/std";

/** Maximum length of a frame in bytes, without its newline. */
export const maxFrameBytes: number = 2 ** 20;

/** Maximum nesting levels of a frame, so that recursive code may read it. Commands need only a few. */
const maxDepth = 64;

/** Why a line is not a frame. The message is for the client. */
export type FrameError = { readonly message: string };

export const frameTooLong: FrameError = {
  message: `A frame is at most ${maxFrameBytes} bytes, and this one is longer: the connection ends.`,
};

const refused = (message: string): Result<never, FrameError> => ({ ok: false, error: { message } });

/** Parses one line as JSON. The host checks later if it is a request. */
export const readFrame = (line: Buffer): Result<unknown, FrameError> => {
  if (!isUtf8(line)) return refused("The frame is not UTF-8.");
  const parsed = parseJson(line.toString("utf8"));
  if (!parsed.ok) return parsed;
  if (isDeeper(parsed.value, maxDepth)) return refused(`The frame nests deeper than ${maxDepth} levels.`);
  return parsed;
};

const parseJson = (text: string): Result<unknown, FrameError> => {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return refused("The frame is not JSON: send one document on one line.");
    throw error;
  }
};

const isDeeper = (value: unknown, levels: number): boolean => {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => isDeeper(inner, levels - 1));
};
