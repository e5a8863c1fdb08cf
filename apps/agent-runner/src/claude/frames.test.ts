import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandHookFrame, foregroundFrame, readFrame, suggestionsIn } from "./frames.ts";

/** Frames of Claude Code 2.1.328, without the fields that nothing reads. */
const rows = [
  {
    name: "a piece of text",
    frame: {
      type: "stream_event",
      event: { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "he" } },
      parent_tool_use_id: null,
    },
    read: { type: "text", text: "he" },
  },
  {
    name: "a tool",
    frame: {
      type: "assistant",
      message: { content: [{ type: "tool_use", id: "t", name: "Bash", input: { command: "ls" } }] },
      parent_tool_use_id: null,
    },
    read: { type: "tool", name: "Bash", input: { command: "ls" } },
  },
  {
    name: "a complete text",
    frame: { type: "assistant", message: { id: "msg_1", content: [{ type: "text", text: "hello" }] } },
    read: { type: "said", messageId: "msg_1", text: "hello" },
  },
  {
    name: "the begin of a turn",
    frame: { type: "system", subtype: "init", mcp_servers: [{ name: "notes", status: "failed" }] },
    read: { type: "begun", servers: [{ name: "notes", status: "failed", error: "" }] },
  },
  {
    name: "the end of a compaction",
    frame: {
      type: "system",
      subtype: "compact_boundary",
      compact_metadata: { trigger: "manual", pre_tokens: 900, post_tokens: 20 },
    },
    read: { type: "compacted", before: 900, after: 20 },
  },
  {
    name: "another state",
    frame: { type: "system", subtype: "task_notification", status: "completed" },
    read: { type: "other" },
  },
  {
    name: "the end of a turn that began by itself",
    frame: {
      type: "result",
      is_error: false,
      result: "it ran",
      uuid: "u",
      origin: { kind: "task-notification", producer: "session-task", runId: "r" },
    },
    read: { type: "own-turn", id: "u", isError: false, text: "it ran" },
  },
  {
    name: "the end of a prompt's turn that has an origin too",
    frame: {
      type: "result",
      is_error: false,
      result: "hi",
      user_message_uuids: ["u"],
      origin: { kind: "x" },
    },
    read: { type: "result", isError: false, text: "hi", status: null, prompts: ["u"] },
  },
  {
    name: "the end of a turn without an origin, of an old version",
    frame: { type: "result", is_error: false, result: "hi", origin: null },
    read: { type: "result", isError: false, text: "hi", status: null, prompts: null },
  },
  {
    name: "a subagent",
    frame: {
      type: "control_request",
      request_id: "r",
      request: {
        subtype: "hook_callback",
        callback_id: "subagent",
        input: { tool_input: { prompt: "look" } },
      },
    },
    read: { type: "subagent", requestId: "r", input: { prompt: "look" } },
  },
  {
    name: "a command",
    frame: {
      type: "control_request",
      request_id: "r",
      request: {
        subtype: "hook_callback",
        callback_id: "command",
        input: { tool_input: { command: "cat *" } },
      },
    },
    read: { type: "command", requestId: "r" },
  },
  {
    name: "a prompt that an interrupt removed",
    frame: { type: "command_lifecycle", command_uuid: "u", state: "cancelled" },
    read: { type: "cancelled", prompt: "u" },
  },
  {
    name: "a tool's result",
    frame: { type: "user", message: { content: [{ type: "tool_result", tool_use_id: "t" }] } },
    read: { type: "tool-ended" },
  },
  {
    name: "the prompt as Claude repeats it",
    frame: { type: "user", message: { content: [{ type: "text", text: "hello" }] }, isReplay: true },
    read: { type: "other" },
  },
  {
    name: "a request for a tool",
    frame: {
      type: "control_request",
      request_id: "r",
      request: { subtype: "can_use_tool", tool_name: "Bash", input: { command: "ls" } },
    },
    read: {
      type: "may-use-tool",
      requestId: "r",
      tool: "Bash",
      input: { command: "ls" },
      suggestions: [],
    },
  },
  {
    name: "a message for the host tools",
    frame: {
      type: "control_request",
      request_id: "r",
      request: { subtype: "mcp_message", server_name: "gatehouse", message: { method: "tools/list", id: 1 } },
    },
    read: { type: "mcp", requestId: "r", message: { method: "tools/list", id: 1 } },
  },
  {
    name: "a message for another server",
    frame: {
      type: "control_request",
      request_id: "r",
      request: { subtype: "mcp_message", server_name: "other", message: {} },
    },
    read: { type: "unknown-request", requestId: "r" },
  },
  {
    name: "a request that was taken back",
    frame: { type: "control_cancel_request", request_id: "r" },
    read: { type: "not-asked", requestId: "r" },
  },
  {
    name: "an answer",
    frame: { type: "result", subtype: "success", is_error: false, result: "hi", user_message_uuids: ["b"] },
    read: { type: "result", prompts: ["b"], isError: false, text: "hi", status: null },
  },
  {
    name: "an error of the API, whose subtype says success",
    frame: {
      type: "result",
      subtype: "success",
      is_error: true,
      result: "API Error: 404",
      api_error_status: 404,
      user_message_uuids: ["b"],
    },
    read: { type: "result", prompts: ["b"], isError: true, text: "API Error: 404", status: 404 },
  },
  {
    name: "a refusal of the gateway, without the words before it",
    frame: {
      type: "result",
      is_error: true,
      result: "API Error: 402 Ana may not.",
      api_error_status: 402,
      user_message_uuids: ["b"],
    },
    read: { type: "result", prompts: ["b"], isError: true, text: "Ana may not.", status: 402 },
  },
  {
    name: "an answer that begins as a refusal does, and is none",
    frame: {
      type: "result",
      is_error: false,
      result: "API Error: 402 is what it says.",
      user_message_uuids: ["b"],
    },
    read: {
      type: "result",
      prompts: ["b"],
      isError: false,
      text: "API Error: 402 is what it says.",
      status: null,
    },
  },
  {
    name: "a result of a version that names no prompts",
    frame: { type: "result", is_error: false, result: "hi" },
    read: { type: "result", prompts: null, isError: false, text: "hi", status: null },
  },
  {
    name: "a subagent's tool",
    frame: {
      type: "assistant",
      message: { content: [{ type: "tool_use", id: "t", name: "Read", input: {} }] },
      parent_tool_use_id: "toolu_1",
    },
    read: { type: "other" },
  },
];

describe("a line of Claude Code's output", () => {
  test.each(rows)("is read: $name", ({ frame, read }) =>
    expect(readFrame(JSON.stringify(frame))).toEqual(read),
  );

  test("is read without an error for any text and any missing field", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(readFrame(line).type).toBeTypeOf("string");
      }),
    );
    for (const { frame } of rows)
      for (const key of Object.keys(frame))
        expect(readFrame(JSON.stringify({ ...frame, [key]: null })).type).toBeTypeOf("string");
  });
});

/** Suggestions of Claude Code 2.1.328. */
const npm = {
  type: "addRules",
  rules: [{ toolName: "Bash", ruleContent: "npm test *" }],
  behavior: "allow",
  destination: "localSettings",
};

test("a request for a tool offers rules that allow, for the running process only", () =>
  expect(suggestionsIn([npm])).toEqual([
    { rules: ["Bash(npm test *)"], update: { ...npm, destination: "session" } },
  ]));

test.each([
  { rule: { toolName: "WebFetch" }, text: "WebFetch" },
  { rule: { toolName: "Read", ruleContent: "//etc/**" }, text: "Read(//etc/**)" },
  {
    rule: { toolName: "Bash", ruleContent: String.raw`node -e "log(1)\n"` },
    text: String.raw`Bash(node -e "log\(1\)\\n")`,
  },
])("a rule with the text $text is escaped as in Claude Code's settings", ({ rule, text }) =>
  expect(suggestionsIn([{ ...npm, rules: [rule] }])).toMatchObject([{ rules: [text] }]),
);

test.each([
  { what: "a folder", value: { type: "addDirectories", directories: ["/"], destination: "session" } },
  { what: "a mode", value: { type: "setMode", mode: "acceptEdits", destination: "session" } },
  { what: "a denial", value: { ...npm, behavior: "deny" } },
  { what: "a replacement of rules", value: { ...npm, type: "replaceRules" } },
  { what: "no rules", value: { ...npm, rules: [] } },
  { what: "one readable and one unreadable rule", value: { ...npm, rules: [...npm.rules, { toolName: 1 }] } },
  { what: "an empty rule", value: { ...npm, rules: [{ toolName: "Bash", ruleContent: "" }] } },
  { what: "no value", value: null },
])("a suggestion with $what offers no rule", ({ value }) => {
  expect(suggestionsIn([value])).toEqual([]);
  expect(suggestionsIn(value)).toEqual([]);
});

test("a subagent gets no field by which it would leave its folder or its turn", () => {
  const chosen = {
    description: "Looks",
    prompt: "look",
    subagent_type: "Explore",
    model: "haiku",
    effort: "low",
  };
  const others = {
    isolation: "worktree",
    name: "ana",
    mode: "bypassPermissions",
    cwd: "/",
    run_in_background: true,
  };
  expect(foregroundFrame("r", { ...chosen, ...others })).toMatchObject({
    response: {
      request_id: "r",
      response: { hookSpecificOutput: { updatedInput: { ...chosen, run_in_background: false } } },
    },
  });
  expect(JSON.stringify(foregroundFrame("r", others))).not.toMatch(/worktree|ana|bypass|cwd/);
});

test.each([
  {
    asks: true,
    response: { hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision: "ask" } },
  },
  { asks: false, response: {} },
])("Claude Code is told whether to ask for a command: $asks", ({ asks, response }) => {
  expect(commandHookFrame("r", asks)).toMatchObject({ response: { request_id: "r", response } });
});
