import { describe, expect, test } from "vitest";
import {
  explainTranscript,
  formatTranscript,
  isTranscript,
  parseTranscript,
  type ControlTranscript,
} from "./transcript.ts";
import { askFolder } from "./claude-protocol.ts";

const answer = (response: object): unknown => ({
  type: "control_response",
  response: { subtype: "success", request_id: "1", response },
});

const transcript: ControlTranscript = {
  header: { v: 1, type: "control", workspace: "/r", real: "/r", trustKey: "/r", cli: "/bin/claude" },
  events: [
    { at: 0.001, from: "us", message: askFolder("1", "/r") },
    { at: 0.004, from: "cli", message: { type: "system" } },
    { at: 0.005, from: "cli", message: answer({ status: "needs_trust", directory: "/r", trust_root: "/" }) },
    { at: 0.006, decision: { type: "accept", directory: "/r" } },
    { at: 0.007, end: "trusted" },
  ],
};

describe("a recording of a conversation", () => {
  test("is read back as it was written", () => {
    const text = formatTranscript(transcript);
    expect(isTranscript(text)).toBe(true);
    expect(parseTranscript(text)).toEqual({ ok: true, value: transcript });
  });

  test("stays JSON when each text is redacted", () => {
    const text = formatTranscript(transcript, (piece) => piece.replaceAll("/r", '"~'));
    expect(parseTranscript(text)).toMatchObject({ ok: true, value: { header: { trustKey: '"~' } } });
  });

  test("is refused with the number of the invalid line", () => {
    expect(isTranscript('{"version":2,"width":80,"height":24}\n')).toBe(false);
    expect(parseTranscript(formatTranscript(transcript).replace('"at":0.005', '"at":"x"'))).toEqual({
      ok: false,
      error: { code: "invalid-transcript", line: 4 },
    });
  });

  test("is explained step by step, with the decision of the present version", () => {
    expect(explainTranscript(transcript).map(({ at, step }) => [at, step])).toEqual([
      [1, "asked"],
      [4, "told"],
      [5, "answered"],
      [6, "decided"],
      [7, "ended"],
    ]);
    expect(explainTranscript(transcript)[3]?.text).toMatch(/accept.*now it would be.*It would record \//);
  });
});
