import { describe, expect, test } from "vitest";
import { createToolCalls } from "./tool-calls.ts";

const never = new AbortController().signal;

describe("the call behind a request for permission", () => {
  test("is that of the request, with the agent's name for the tool, if the agent reports no progress before it", async () => {
    // Frames of Qwen Code 0.24.4.
    const _meta = { toolName: "run_shell_command" };
    const rawInput = { command: "touch a", description: "Runs it", is_background: false };
    const calls = createToolCalls({ inputIn: "request", nameOfKind: {} });
    const status = "pending";
    calls.take({ sessionUpdate: "tool_call", toolCallId: "t", title: "Shell", status, rawInput: {}, _meta });
    const request = { toolCallId: "t", status, title: "touch a (Runs it)", rawInput, _meta } as const;
    expect(await calls.asked(request, never)).toEqual({
      id: "t",
      tool: "run_shell_command",
      input: rawInput,
    });
  });

  test("has the agent's name of its kind, if the title is a sentence of the model", async () => {
    // Frames of Copilot 1.0.102.
    const calls = createToolCalls({ inputIn: "request", nameOfKind: { execute: "bash" } });
    const own = { toolCallId: "t", title: "Read a file", kind: "execute", status: "pending" } as const;
    const rawInput = { command: "rm -rf b", description: "Read a file" };
    calls.take({ ...own, sessionUpdate: "tool_call", rawInput });
    const request = { ...own, rawInput: { command: "rm -rf b", commands: ["rm -rf b"] } };
    expect(await calls.asked(request, never)).toMatchObject({ tool: "bash", input: rawInput });
    const other = { toolCallId: "u", title: "rss-greet", kind: "other", rawInput: { a: 1 } } as const;
    expect(await calls.asked(other, never)).toMatchObject({ tool: "rss-greet" });
  });

  test("is unknown if the input should be in the request, and is not", async () => {
    const calls = createToolCalls({ inputIn: "request", nameOfKind: {} });
    expect(await calls.asked({ toolCallId: "t", title: "touch a" }, never)).toBeNull();
  });

  test("has the input in the text of the report, if the question has the beginning of a command alone", async () => {
    // Frames of Kimi Code 2.1.0.
    const calls = createToolCalls({ inputIn: "text", nameOfKind: {} });
    const text = (value: string) => [
      { type: "content" as const, content: { type: "text" as const, text: value } },
    ];
    const call = { sessionUpdate: "tool_call", toolCallId: "t", title: "Bash", status: "pending" } as const;
    calls.take({ ...call, content: text("") });
    const report = { sessionUpdate: "tool_call_update", toolCallId: "t", status: "in_progress" } as const;
    const request = {
      toolCallId: "t",
      title: "Bash",
      content: text("Requesting approval to Running: touch a && rm…"),
    };
    calls.take({ ...report, content: text('{"command":"touch a && rm') });
    expect(await calls.asked(request, never)).toBeNull();
    calls.take({ ...report, content: text('{"command":"touch a && rm -rf b"}') });
    expect(await calls.asked(request, never)).toEqual({
      id: "t",
      tool: "Bash",
      input: { command: "touch a && rm -rf b" },
    });
  });

  test("is what the question says, if the agent shows an input in words alone", async () => {
    const calls = createToolCalls({ inputIn: "words", nameOfKind: {} });
    const diff = { type: "diff", path: "/a", newText: "new" } as const;
    expect(await calls.asked({ toolCallId: "t", title: "rm -rf b", kind: "execute" }, never)).toMatchObject({
      input: { title: "rm -rf b" },
    });
    expect(await calls.asked({ toolCallId: "u", title: "a", content: [diff] }, never)).toMatchObject({
      input: { title: "a", shown: [{ path: "/a", oldText: null, newText: "new" }] },
    });
    expect(await calls.asked({ toolCallId: "v" }, never)).toBeNull();
  });

  test.each([
    {
      toolCallId: "run_shell_command__call_1",
      title: "rm b",
      tool: "run_shell_command",
      input: { command: "rm b" },
    },
    {
      toolCallId: "mcp_rss_greet__call_1",
      title: "greet (rss)",
      tool: "mcp_rss_greet",
      input: { title: "greet (rss)" },
    },
    {
      toolCallId: "mcp_hub_git__push__call_1",
      title: "push (hub)",
      tool: "mcp_hub_git__push",
      input: { title: "push (hub)" },
    },
    { toolCallId: "call_1", title: "rm b", tool: "execute", input: { title: "rm b" } },
    { toolCallId: "__call_1", title: "make", tool: "execute", input: { title: "make" } },
  ])(
    "has the tool's name of the id $toolCallId, as Gemini CLI writes it",
    async ({ tool, input, ...request }) => {
      expect(
        await createToolCalls({ inputIn: "words", nameOfKind: {} }).asked(
          { ...request, kind: "execute" },
          never,
        ),
      ).toMatchObject({
        tool,
        input,
      });
    },
  );

  test.each([
    { title: "shell", kind: "execute", tool: "shell", input: { a: 1 } },
    { title: "mcp__rss__greet", kind: "other", tool: "mcp__rss__greet", input: { a: 1 } },
    { title: "Read a file", kind: "read", tool: "read", input: { tool_title: "Read a file", a: 1 } },
    { title: "`touch b`", kind: "execute", tool: "execute", input: { tool_title: "`touch b`", a: 1 } },
    { title: "docs/notes.md", kind: "edit", tool: "edit", input: { tool_title: "docs/notes.md", a: 1 } },
    { title: "README.md", kind: "read", tool: "read", input: { tool_title: "README.md", a: 1 } },
    { title: "greet (rss)", kind: null, tool: "other", input: { tool_title: "greet (rss)", a: 1 } },
    { title: null, kind: "fetch", tool: "fetch", input: { tool_title: "", a: 1 } },
    { title: "a".repeat(201), kind: "other", tool: "other", input: { tool_title: "a".repeat(201), a: 1 } },
  ] as const)("is named $tool, if its title is $title", async ({ title, kind, tool, input }) => {
    const calls = createToolCalls({ inputIn: "request", nameOfKind: {} });
    const request = { toolCallId: "t", title, kind, rawInput: { a: 1 } };
    expect(await calls.asked(request, never)).toMatchObject({ tool, input });
  });

  test.each([
    { place: "request", rawInput: { tool_title: "Say hello" } },
    { place: "report", rawInput: { tool_title: "Say hello" } },
    { place: "text", rawInput: { tool_title: "Say hello" } },
  ] as const)("keeps a field of its input that is called as the sentence is, in a $place", async (row) => {
    const calls = createToolCalls({ inputIn: row.place, nameOfKind: {} });
    const text = { type: "content", content: { type: "text", text: JSON.stringify(row.rawInput) } } as const;
    const call = { toolCallId: "t", title: "Ends the world", kind: "other", rawInput: row.rawInput } as const;
    calls.take({ ...call, sessionUpdate: "tool_call", status: "in_progress", content: [text] });
    expect(await calls.asked(call, never)).toMatchObject({
      tool: "other",
      input: { tool_title: "Ends the world", input: row.rawInput },
    });
  });

  test("has the name that claude-agent-acp adds, and the last of its sentences without one", async () => {
    // Frames of claude-agent-acp 0.101.0.
    const calls = createToolCalls({ inputIn: "request", nameOfKind: {} });
    const rawInput = { command: "touch b" };
    const named = {
      toolCallId: "t",
      title: "`touch b`",
      rawInput,
      _meta: { claudeCode: { toolName: "Bash" } },
    };
    expect(await calls.asked(named, never)).toMatchObject({ tool: "Bash", input: rawInput });
    calls.take({ sessionUpdate: "tool_call", toolCallId: "u", title: "Terminal (…)", kind: "execute" });
    expect(await calls.asked({ toolCallId: "u", title: "touch b", rawInput }, never)).toMatchObject({
      tool: "execute",
      input: { tool_title: "touch b", command: "touch b" },
    });
  });

  test("has no name of the id, if the agent shows its input otherwise", async () => {
    const request = { toolCallId: "shell__1", title: "Shell", rawInput: { a: 1 } };
    expect(await createToolCalls({ inputIn: "request", nameOfKind: {} }).asked(request, never)).toMatchObject(
      { tool: "Shell" },
    );
  });

  test("is unknown if the agent does not report its input in time", async () => {
    const calls = createToolCalls({ inputIn: "report", nameOfKind: {} }, 0);
    calls.take({
      sessionUpdate: "tool_call",
      toolCallId: "t",
      title: "db_delete",
      status: "pending",
      rawInput: {},
    });
    expect(await calls.asked({ toolCallId: "t", rawInput: {} }, never)).toBeNull();
  });

  test("is unknown if the agent never reported the call", async () => {
    const request = { toolCallId: "t", title: "db_delete", rawInput: { cmd: "select 1" } };
    expect(await createToolCalls({ inputIn: "report", nameOfKind: {} }, 0).asked(request, never)).toBeNull();
  });

  test("has the tool's name and input of the report, and the request's further fields", async () => {
    const calls = createToolCalls({ inputIn: "report", nameOfKind: {} });
    const asked = calls.asked({ toolCallId: "t", title: "select 1", rawInput: { diff: "+1" } }, never);
    calls.take({ sessionUpdate: "tool_call", toolCallId: "t", title: "db_delete", status: "pending" });
    calls.take({
      sessionUpdate: "tool_call_update",
      toolCallId: "t",
      status: "in_progress",
      rawInput: { cmd: "DROP" },
    });
    expect(await asked).toEqual({ id: "t", tool: "db_delete", input: { cmd: "DROP", diff: "+1" } });
  });

  test("may have an empty input, once the agent reports that", async () => {
    const calls = createToolCalls({ inputIn: "report", nameOfKind: {} });
    calls.take({
      sessionUpdate: "tool_call",
      toolCallId: "t",
      title: "greet",
      status: "in_progress",
      rawInput: {},
    });
    expect(await calls.asked({ toolCallId: "t" }, never)).toEqual({ id: "t", tool: "greet", input: {} });
  });
});
