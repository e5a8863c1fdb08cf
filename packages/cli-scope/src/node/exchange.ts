import { Buffer } from "node:buffer";
import { connect } from "node:net";
import type { RequestFrame, ResponseFrame } from "../wire/frame.ts";
import { parseJson, type Result } from "@gatehouse/std";

/**
 * Maximum bytes of a Unix socket's path: 108 with the closing NUL (unix(7) on Linux). Node cuts off longer
 * paths.
 */
const maxPathBytes = 107;

/**
 * Maximum bytes of an answer. No host sends more, and more would not fit into one string. A host's longest
 * list has 10,000 rows.
 */
const maxAnswerBytes = 2 ** 28;

/** Maximum bytes of one read. */
const maxReadBytes = 65_536;

/** Maximum nesting of an answer, because recursive functions render it. */
const maxDepth = 64;

/** The reason for a missing answer. */
export type TransportError =
  | { readonly code: "path-too-long"; readonly bytes: number }
  | { readonly code: "no-host" }
  | { readonly code: "not-allowed" }
  | { readonly code: "busy" }
  | { readonly code: "timeout"; readonly seconds: number; readonly isSent: boolean }
  | { readonly code: "closed" }
  | { readonly code: "not-an-answer" }
  | { readonly code: "unreachable"; readonly detail: string };

export type Exchange = {
  readonly path: string;
  readonly request: RequestFrame;
  /** Time limit for the whole exchange: to connect, to get an answer, and to read it. */
  readonly seconds: number;
};

/** Sends one frame to the host's socket and reads one frame back. */
export const exchange = ({
  path,
  request,
  seconds,
}: Exchange): Promise<Result<ResponseFrame, TransportError>> => {
  const bytes = Buffer.byteLength(path);
  if (bytes > maxPathBytes) return Promise.resolve({ ok: false, error: { code: "path-too-long", bytes } });
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    let isSent = false;
    const take = (part: Buffer): void => {
      parts.push(part);
      size += part.length;
      if (size > maxAnswerBytes) fail({ code: "not-an-answer" });
      else if (part.includes(0x0a)) end(readAnswer(Buffer.concat(parts)));
    };
    // Faster than the stream's "data" event: the first one takes Node 20.20 half a millisecond.
    const onread = {
      buffer: Buffer.allocUnsafe(maxReadBytes),
      callback: (count: number, buffer: Uint8Array): boolean => {
        take(Buffer.from(buffer.subarray(0, count)));
        return true;
      },
    };
    const socket = connect({ path, onread }, () => {
      isSent = true;
      socket.write(`${JSON.stringify(request)}\n`);
    });
    const end = (result: Result<ResponseFrame, TransportError>): void => {
      clearTimeout(timer);
      resolve(result);
      // Closed later, because closing takes half a millisecond that a caller need not wait for.
      setImmediate(() => socket.destroy());
    };
    const fail = (error: TransportError): void => end({ ok: false, error });
    const timer = setTimeout(() => fail({ code: "timeout", seconds, isSent }), seconds * 1000);
    socket.on("end", () => fail({ code: "closed" }));
    socket.on("error", (error: NodeJS.ErrnoException) => fail(transportError(error, isSent)));
  });
};

const transportError = ({ code = "", message }: NodeJS.ErrnoException, isSent: boolean): TransportError => {
  if (isSent) return { code: "closed" };
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ECONNREFUSED":
      return { code: "no-host" };
    case "EACCES":
    case "EPERM":
      return { code: "not-allowed" };
    case "EAGAIN":
      return { code: "busy" };
    default:
      return { code: "unreachable", detail: code || message };
  }
};

const readAnswer = (bytes: Buffer): Result<ResponseFrame, TransportError> => {
  const frame = parseJson(bytes.toString("utf8", 0, bytes.indexOf(0x0a)));
  return isResponse(frame) ? { ok: true, value: frame } : { ok: false, error: { code: "not-an-answer" } };
};

const isResponse = (value: unknown): value is ResponseFrame => {
  if (typeof value !== "object" || value === null || !("ok" in value)) return false;
  if (isDeeper(value, maxDepth)) return false;
  const { ok, human, warnings = [], error } = value as Partial<Record<string, unknown>>;
  if (ok === true) return "data" in value && isOptionalText(human) && isTexts(warnings);
  if (typeof error !== "object" || error === null) return false;
  return "code" in error && "message" in error && isTexts([error.code, error.message]);
};

const isOptionalText = (value: unknown): boolean => value === undefined || typeof value === "string";

const isTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

const isDeeper = (value: unknown, levels: number): boolean => {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => isDeeper(inner, levels - 1));
};
