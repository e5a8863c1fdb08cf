import { describe, expect, test } from "vitest";
import type { ResponseFrame } from "../wire/frame.ts";
import { answerText, verdictOf } from "./answer-text.ts";

const shown = (frame: ResponseFrame, isJson = false) =>
  answerText(frame, { program: "notes", isJson, view: () => ({ columns: 12, isColoured: false }) });

const failed = (more: object = {}): ResponseFrame => ({
  id: "1",
  ok: false,
  error: { code: "invalid-args", message: "No\u001b.", ...more },
});

describe("answerText", () => {
  test.for<{ what: string; frame: ResponseFrame; out: string; err: string }>([
    {
      what: "rows, as wide as the terminal",
      frame: { id: "1", ok: true, data: [{ id: "n-1", text: "a long text" }] },
      out: "id    n-1\ntext  a long text\n",
      err: "",
    },
    {
      what: "the host's own text, and its warnings",
      frame: { id: "1", ok: true, data: [], human: "a\n\u001b", warnings: ["look"] },
      out: "a\n\\u{1b}\n",
      err: "warning: look\n",
    },
    { what: "an error", frame: failed(), out: "", err: "error: No\\u{1b}. (invalid-args)\n" },
    {
      what: "an error with the command's usage",
      frame: failed({ usage: "notes get <id>" }),
      out: "",
      err: "error: No\\u{1b}. (invalid-args)\nusage: notes notes get <id>\n",
    },
  ])("shows $what", async ({ frame, out, err }) => expect(await shown(frame)).toEqual({ out, err }));

  test("writes one JSON document for a program, without control characters", async () => {
    const { out, err } = await shown(failed(), true);
    expect({ frame: JSON.parse(out), err }).toEqual({ frame: failed(), err: "" });
    expect(out).not.toContain("\u001b");
  });
});

describe("verdictOf", () => {
  const data = { effect: "deny", ruleId: "r", reason: "why" };
  test.for([
    { command: "can-notes-get", data, verdict: data },
    { command: "CAN-notes-get", data, verdict: data },
    { command: "canada-list", data, verdict: null },
    { command: "can", data: { ...data, effect: "constructor" }, verdict: null },
    { command: "can", data: [], verdict: null },
  ])("returns $verdict for $command and $data", ({ command, data, verdict }) =>
    expect(verdictOf(command, { id: "1", ok: true, data })).toEqual(verdict),
  );
});
