import { type Result, systemCode } from "@gatehouse/std";
import { readWholeFile } from "./read-file.ts";

/** A failed read. `detail` is the system's code or a fixed text, never a part of the file. */
export type ReadError = {
  readonly code: "missing" | "unreadable" | "not-json";
  readonly detail: string;
};

const failure = (code: ReadError["code"], detail: string): Result<never, ReadError> => ({
  ok: false,
  error: { code, detail },
});

/** Parses JSON. A byte order mark is allowed, because editors on Windows write one. */
const parse = (text: string): Result<unknown, ReadError> => {
  try {
    return { ok: true, value: JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text) };
  } catch (error) {
    if (error instanceof SyntaxError) return failure("not-json", "it is not whole JSON");
    throw error;
  }
};

/** Reads a JSON file once. A file of more than `maxBytes` bytes is unreadable. */
export const readJson = async (path: string, maxBytes?: number): Promise<Result<unknown, ReadError>> => {
  try {
    const bytes = await readWholeFile(path, maxBytes);
    return bytes === null ? failure("unreadable", "it is not a file") : parse(bytes.toString("utf8"));
  } catch (error) {
    const code = systemCode(error);
    return failure(code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable", code);
  }
};
