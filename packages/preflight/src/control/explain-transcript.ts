import { readAnswer } from "./answer.ts";
import { decideFolder } from "./decide-folder.ts";
import type { ControlTranscript, TranscriptEvent } from "./transcript-lines.ts";

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
