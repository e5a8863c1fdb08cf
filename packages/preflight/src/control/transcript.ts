import { parseJson, type Result } from "@gatehouse/std";
import { readAnswer, decideFolder, type FolderDecision } from "./claude-protocol.ts";

/**
 * The first line of a recorded conversation about one folder. The file is JSON Lines: this header, then one
 * event per line.
 */
export type TranscriptHeader = {
  readonly v: 1;
  readonly type: "control";
  readonly workspace: string;
  readonly real: string;
  readonly trustKey: string;
  readonly cli: string;
};

/** `at`: seconds since the wait for the folder's turn began. */
export type TranscriptEvent = { readonly at: number } & (
  | { readonly from: "us" | "cli"; readonly message: unknown }
  | { readonly decision: FolderDecision }
  | { readonly end: string }
);

export type ControlTranscript = {
  readonly header: TranscriptHeader;
  readonly events: readonly TranscriptEvent[];
};

export type TranscriptError = { readonly code: "invalid-transcript"; readonly line: number };

/** Redacts each text separately, so that the lines stay valid JSON. */
export const formatTranscript = (
  { header, events }: ControlTranscript,
  redact: (text: string) => string = (text) => text,
): string => [header, ...events].map((line) => `${JSON.stringify(mapTexts(line, redact))}\n`).join("");

const mapTexts = (value: unknown, map: (text: string) => string): unknown => {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTexts(item, map)]));
};

/** True if the first line of this text is the header of such a transcript. */
export const isTranscript = (text: string): boolean => isHeader(parseJson(text.split("\n", 1)[0] ?? ""));

/** Parses a transcript. Skips a last line that was cut off. */
export const parseTranscript = (text: string): Result<ControlTranscript, TranscriptError> => {
  const lines = text.split("\n").map(parseJson);
  const [header] = lines;
  if (!isHeader(header)) return { ok: false, error: { code: "invalid-transcript", line: 1 } };
  const events = lines.slice(1, -1);
  const wrong = events.findIndex((event) => !isEvent(event));
  if (wrong !== -1) return { ok: false, error: { code: "invalid-transcript", line: wrong + 2 } };
  return { ok: true, value: { header, events: events as readonly TranscriptEvent[] } };
};

const isHeader = (value: unknown): value is TranscriptHeader => {
  const { v, type, workspace, real, trustKey, cli } = Object(value) as Partial<TranscriptHeader>;
  return (
    v === 1 &&
    type === "control" &&
    [workspace, real, trustKey, cli].every((text) => typeof text === "string")
  );
};

const isEvent = (value: unknown): value is TranscriptEvent => {
  const event = Object(value) as { at?: unknown; decision?: unknown; end?: unknown; from?: unknown };
  if (typeof event.at !== "number") return false;
  return "decision" in event || typeof event.end === "string" || event.from === "us" || event.from === "cli";
};

/** One step of a conversation about a folder, for a person. */
export type ExplainedStep = {
  /** Milliseconds since the recording's start. */
  readonly at: number;
  readonly step: "asked" | "answered" | "told" | "decided" | "ended";
  readonly text: string;
};

/**
 * Replays a conversation: the requests, the answers, and the decision that this version makes for each
 * answer. If the recorded decision differs, both are shown.
 */
export const explainTranscript = ({ header, events }: ControlTranscript): readonly ExplainedStep[] => {
  let decided = "";
  return events.map((event) => {
    const at = Math.round(event.at * 1000);
    if ("end" in event) return { at, step: "ended", text: event.end };
    if ("decision" in event) {
      const then = JSON.stringify(event.decision);
      const differs = decided !== "" && decided !== then;
      return { at, step: "decided", text: differs ? `${then} (now it would be ${decided})` : then };
    }
    const answer = event.from === "cli" ? (readAnswer(event.message)?.answer ?? null) : null;
    if (answer === null) return { at, ...said(event) };
    decided = JSON.stringify(decideFolder(answer, header));
    return { at, step: "answered", text: JSON.stringify(answer) };
  });
};

type Message = Extract<TranscriptEvent, { readonly message: unknown }>;

const said = ({ from, message }: Message): Pick<ExplainedStep, "step" | "text"> => {
  if (from === "cli") return { step: "told", text: JSON.stringify(message) };
  const { request } = Object(message) as { readonly request?: unknown };
  return { step: "asked", text: JSON.stringify(request ?? message) };
};
