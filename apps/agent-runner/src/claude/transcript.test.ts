import { describe, expect, test } from "vitest";
import { hasConversation, linesOf, ownTurnsIn, promptStateIn, sentBefore } from "./transcript.ts";

const [batch, next] = ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];

const prompt = (uuid: string, text: string, rest: object = {}) => ({
  type: "user",
  uuid,
  message: { role: "user", content: [{ type: "text", text }] },
  ...rest,
});
const said = (text: string, rest: object = {}) => ({
  type: "assistant",
  message: {
    id: "msg_1",
    model: "claude-x",
    stop_reason: "end_turn",
    content: [{ type: "text", text }],
    ...rest,
  },
});
const use = (id: string, command: string) => ({
  type: "assistant",
  message: {
    id: "msg_0",
    model: "claude-x",
    stop_reason: "tool_use",
    content: [{ type: "tool_use", id, name: "Bash", input: { command } }],
  },
});
const result = (id: string) => ({
  type: "user",
  message: { content: [{ type: "tool_result", tool_use_id: id, content: "done" }] },
});
/** Claude Code's own line when it continues a turn that was cut. */
const continued = prompt("33", "Continue from where you left off.", { isMeta: true });

const stateOf = (...lines: readonly object[]) =>
  promptStateIn(linesOf(lines.map((line) => JSON.stringify(line)).join("\n")), batch);

describe("the state of a prompt in Claude Code's transcript", () => {
  test.each([
    { name: "an empty transcript", lines: [] },
    { name: "the prompt of another batch, answered", lines: [prompt(next, "hello"), said("hi")] },
    { name: "notes of the queue", lines: [{ type: "queue-operation", uuid: batch }] },
  ])("is absent for $name", ({ lines }) => expect(stateOf(...lines)).toEqual({ state: "absent" }));

  test.each([
    { name: "an answer", lines: [said("hi")], text: "hi" },
    { name: "an answer in two blocks", lines: [said("hi "), said("there")], text: "hi there" },
    {
      name: "an answer after a tool, without the text before it",
      lines: [
        said("let me see", { id: "msg_0", stop_reason: "tool_use" }),
        use("t", "ls"),
        result("t"),
        said("ok"),
      ],
      text: "ok",
    },
    { name: "an answer of a continued turn", lines: [use("t", "ls"), continued, said("hi")], text: "hi" },
    { name: "an answer that the model cut", lines: [said("hi", { stop_reason: "max_tokens" })], text: "hi" },
    {
      name: "an answer after the conversation was compacted",
      lines: [use("t", "ls"), prompt("44", "A summary.", { isCompactSummary: true }), said("hi")],
      text: "hi",
    },
    {
      name: "an answer before the next prompt",
      lines: [said("hi"), prompt(next, "x"), said("no")],
      text: "hi",
    },
  ])("is answered by $name", ({ lines, text }) =>
    expect(stateOf(prompt(batch, "hello"), ...lines)).toEqual({ state: "answered", text }),
  );

  test.each([
    { name: "no answer", lines: [] },
    { name: "a text that goes on", lines: [said("hi", { stop_reason: null })] },
    {
      name: "a line that Claude Code wrote itself",
      lines: [said("No response requested.", { model: "<synthetic>" })],
    },
    { name: "an error of the API", lines: [{ ...said("API Error: 529"), isApiErrorMessage: true }] },
    { name: "the answer of a subagent", lines: [{ ...said("hi"), isSidechain: true }] },
    { name: "only an answer to the next prompt", lines: [prompt(next, "x"), said("hi")] },
  ])("is open with $name", ({ lines }) =>
    expect(stateOf(prompt(batch, "hello"), ...lines)).toEqual({ state: "open", toolUses: [], said: "" }),
  );

  const request = "Output token limit hit. Resume directly.";
  const rest = prompt("55", "", { isMeta: true, message: { role: "user", content: request } });

  test.each([
    { name: "an answer whose rest is asked for", lines: [said("one, "), rest], said: "one, " },
    {
      name: "the same, of which a killed process was asked before",
      lines: [said("one, "), rest, continued, said("two, ", { id: "msg_2" }), rest],
      said: "one, two, ",
    },
    { name: "the same, without a block of the rest", lines: [said("one, "), rest, continued], said: "one, " },
    {
      name: "the same after a tool",
      lines: [said("x", { id: "msg_0" }), use("t", "ls"), result("t"), said("one, "), rest],
      said: "one, ",
    },
    { name: "a rest that began with a tool", lines: [said("one, "), rest, use("t", "ls")], said: "" },
  ])("has the pieces of $name", ({ lines, said: pieces }) =>
    expect(stateOf(prompt(batch, "hello"), ...lines)).toMatchObject({ state: "open", said: pieces }),
  );

  test("names the tools of an open turn, and those without a result, which may have run", () => {
    expect(stateOf(prompt(batch, "hello"), use("t-1", "ls"), result("t-1"), use("t-2", "rm x"))).toEqual({
      state: "open",
      toolUses: [
        { tool: "Bash", input: { command: "ls" }, hasResult: true, hasFailed: false },
        { tool: "Bash", input: { command: "rm x" }, hasResult: false, hasFailed: false },
      ],
      said: "",
    });
  });

  test("is read from a transcript whose last line a kill tore", () => {
    const text = `${JSON.stringify(prompt(batch, "hello"))}\n{"type":"assistant","mess`;
    expect(promptStateIn(linesOf(text), batch)).toEqual({ state: "open", toolUses: [], said: "" });
  });
});

test("a transcript without any line of a person or the agent is no conversation", () => {
  expect(hasConversation(linesOf('{"type":"queue-operation"}\n'))).toBe(false);
  expect(hasConversation(linesOf(JSON.stringify(prompt(batch, "hello"))))).toBe(true);
});

describe("ownTurnsIn", () => {
  const at = Date.parse("2026-01-02T00:00:00.000Z");
  const notified = (timestamp = "2026-01-02T00:00:01.000Z") => ({
    type: "user",
    uuid: "44",
    timestamp,
    origin: { kind: "task-notification" },
    message: { role: "user", content: "<task-notification>done</task-notification>" },
  });
  const asked = prompt(batch, "hello");
  const ran = { id: "msg_1", text: "it ran", hasFailed: false };

  test.each([
    {
      name: "a turn after an answered prompt",
      lines: [asked, said("hi"), notified(), said("it ran")],
      own: [ran],
    },
    {
      name: "two turns, each with its own id",
      lines: [asked, said("hi"), notified(), said("it ran"), notified(), said("again", { id: "msg_2" })],
      own: [ran, { ...ran, id: "msg_2", text: "again" }],
    },
    {
      name: "no turn that a prompt follows, because its answer came later",
      lines: [asked, said("hi"), notified(), said("it ran"), prompt(next, "and?")],
      own: [],
    },
    { name: "no turn that was cut", lines: [asked, said("hi"), notified(), use("t", "ls")], own: [] },
    {
      name: "no turn that is too old",
      lines: [asked, said("hi"), notified("2026-01-01T23:59:59.999Z"), said("it ran")],
      own: [],
    },
    { name: "no turn of a person's prompt", lines: [asked, said("it ran")], own: [] },
  ])("returns $name", ({ lines, own }) => {
    const text = lines.map((line) => JSON.stringify(line)).join("\n");
    expect(ownTurnsIn(linesOf(text), at)).toEqual(own);
  });

  test("a turn that Claude Code begins by itself ends the turn of the prompt before it", () =>
    expect(stateOf(asked, use("t", "ls"), result("t"), said("hi"), notified(), said("it ran"))).toEqual({
      state: "answered",
      text: "hi",
    }));
});

const sent = {
  tool: "mcp__gatehouse__send_message",
  input: { text: "a" },
  hasResult: true,
  hasFailed: false,
};

describe("sentBefore", () => {
  test("returns the messages whose results the transcript has", () => {
    expect(sentBefore([sent, { ...sent, input: { text: "b", to: "team" } }])).toEqual([
      { text: "a" },
      { text: "b", to: "team" },
    ]);
  });

  test.each([
    { name: "a message without a result", other: { ...sent, hasResult: false } },
    { name: "a message that was refused", other: { ...sent, hasFailed: true } },
    { name: "another tool", other: { ...sent, tool: "mcp__gatehouse__ncl" } },
    { name: "an invalid input", other: { ...sent, input: { text: 1 } } },
  ])("leaves out $name", ({ other }) => expect(sentBefore([other])).toEqual([]));
});
