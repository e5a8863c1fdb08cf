import type { DriveEvent } from "../drive/drive-types.ts";
import { parseJson, type Result } from "@gatehouse/std";

/**
 * One line of an asciicast v2 file: seconds since the start, "o" output, "i" input, "m" marker, and its text.
 */
export type CastEvent = readonly [seconds: number, kind: "o" | "i" | "m", data: string];

/** An asciicast v2 recording (https://docs.asciinema.org/manual/asciicast/v2/). Sizes are in cells. */
export type Cast = {
  readonly header: {
    readonly version: 2;
    readonly width: number;
    readonly height: number;
    /** Seconds since 1970. */
    readonly timestamp?: number;
    readonly title?: string;
    readonly command?: string;
    readonly env?: Readonly<Record<string, string>>;
  };
  readonly events: readonly CastEvent[];
};

export type CastError = { readonly code: "invalid-cast"; readonly line: number; readonly message: string };

/** Collects the events of a run (`onEvent`) into a recording of bounded size. */
export type Recorder = {
  record(event: DriveEvent): void;
  cast(): Cast;
};

/**
 * Keeps at most `maxBytes` (UTF-16 units, default 1 MiB) of the program's output and terminal queries; a
 * marker shows where the rest was left out.
 */
export const createRecorder = (
  header: {
    readonly columns?: number;
    readonly rows?: number;
    readonly title?: string;
    readonly command?: string;
  },
  maxBytes: number = 1024 * 1024,
): Recorder => {
  const { columns = 120, rows = 40, ...words } = header;
  const events: CastEvent[] = [];
  let size = 0;
  return {
    record: (event) => {
      const line = lineOf(event);
      const isBulk = event.type === "output" || event.type === "reply";
      if (isBulk && size >= maxBytes) return;
      size += line[2].length;
      events.push(line);
      if (isBulk && size >= maxBytes) events.push([line[0], "m", "the rest of the output is left out"]);
    },
    cast: () => ({
      header: { version: 2, width: columns, height: rows, ...words, env: { TERM: "xterm-256color" } },
      events: [...events],
    }),
  };
};

const lineOf = (event: DriveEvent): CastEvent => {
  const seconds = Math.round(event.at) / 1000;
  switch (event.type) {
    case "output":
      return [seconds, "o", event.data];
    case "key":
      return [seconds, "i", event.data];
    case "reply":
      return [seconds, "m", `terminal reply ${JSON.stringify(event.data)}`];
    case "dialog":
      return [seconds, "m", `dialog ${event.dialog}`];
    case "blank":
      return [seconds, "m", "the screen is still blank"];
    case "turn":
      return [seconds, "m", `turn ${event.state}`];
    case "end":
      return [seconds, "m", `end ${event.outcome}`];
  }
};

export const formatCast = (cast: Cast): string =>
  [cast.header, ...cast.events].map((line) => `${JSON.stringify(line)}\n`).join("");

/** Reads an asciicast v2 file. Event kinds other than o, i and m are skipped. */
export const parseCast = (text: string): Result<Cast, CastError> => {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const parsed = lines.map(parseJson);
  const broken = parsed.findIndex((value) => value === null);
  if (broken >= 0) return invalid(broken + 1, "this line is not JSON");
  const [first, ...rest] = parsed;
  const header = headerOf(first);
  if (header === null) return invalid(1, "the first line is no asciicast v2 header (version, width, height)");
  const wrong = rest.findIndex((line) => !isEvent(line));
  if (wrong >= 0) return invalid(wrong + 2, "an event is [seconds, kind, text]");
  return {
    ok: true,
    value: { header, events: rest.filter(isEvent).filter(([, kind]) => "oim".includes(kind)) },
  };
};

/** The known fields of a header. A field that breaks the format is skipped. */
const headerOf = (value: unknown): Cast["header"] | null => {
  if (typeof value !== "object" || value === null) return null;
  const { version, width, height, timestamp, title, command, env } = value as Record<string, unknown>;
  if (version !== 2 || !isSize(width) || !isSize(height)) return null;
  return {
    version,
    width,
    height,
    ...(typeof timestamp === "number" ? { timestamp } : {}),
    ...(typeof title === "string" ? { title } : {}),
    ...(typeof command === "string" ? { command } : {}),
    ...(typeof env === "object" && env !== null ? { env: textsIn(env) } : {}),
  };
};

const textsIn = (env: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );

const isSize = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 1_000;

const isEvent = (value: unknown): value is CastEvent =>
  Array.isArray(value) &&
  typeof value[0] === "number" &&
  typeof value[1] === "string" &&
  typeof value[2] === "string";

const invalid = (line: number, message: string): Result<never, CastError> => ({
  ok: false,
  error: { code: "invalid-cast", line, message },
});
