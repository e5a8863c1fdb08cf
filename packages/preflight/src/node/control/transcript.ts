import type { FolderDecision } from "../../control/claude-protocol.ts";
import { formatTranscript, type TranscriptEvent } from "../../control/transcript.ts";
import { redactText } from "@trust/dialog-engine";
import type { Code, PendingFolder } from "../../index.ts";
import type { Attempt } from "../../result-of.ts";
import type { Batch } from "../dialog/batch.ts";
import { writeRecording } from "@gatehouse/fs-kit";

/** The questions and answers about one folder; empty unless the caller wants recordings. */
export type Transcript = {
  message(from: "us" | "cli", message: unknown): void;
  decision(decision: FolderDecision): void;
  /** Writes it to disk, redacted. */
  write(code: Code): Promise<Pick<Attempt, "recording" | "diagnostics">>;
};

/** Maximum number of recorded messages; a conversation about one folder should have fewer. */
const maxEvents = 1_000;

export const createTranscript = (
  folder: PendingFolder,
  { recordDir, secrets, home, cli }: Pick<Batch, "recordDir" | "secrets" | "home" | "cli">,
  brief: (message: unknown) => unknown,
): Transcript => {
  const startedAt = performance.now();
  const events: TranscriptEvent[] = [];
  const keep = (event: { readonly [name: string]: unknown }): void => {
    const at = Math.round(performance.now() - startedAt) / 1000;
    if (recordDir !== undefined && events.length < maxEvents)
      events.push({ at, ...event } as TranscriptEvent);
  };
  return {
    message: (from, message) => keep({ from, message: brief(message) }),
    decision: (decision) => keep({ decision }),
    write: async (code) => {
      if (recordDir === undefined) return { diagnostics: [] };
      keep({ end: code });
      const { workspace, trustKey, paths } = folder;
      const header = { v: 1, type: "control", workspace, real: paths.real, trustKey, cli: cli.path } as const;
      const text = formatTranscript({ header, events }, (piece) => redactText(piece, secrets, home));
      const written = await writeRecording(recordDir, folder, { text, ending: "jsonl" });
      return written.ok
        ? { diagnostics: [], recording: written.value }
        : { diagnostics: [{ code: "recording-failed", message: written.error }] };
    },
  };
};
