import { describe, expect, test } from "vitest";
import { createToolCalls } from "./tool-calls.ts";

const never = new AbortController().signal;

describe("the call behind a request for permission", () => {
  test("is unknown if the agent does not report its input in time", async () => {
    const calls = createToolCalls(0);
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
    expect(await createToolCalls(0).asked(request, never)).toBeNull();
  });

  test("has the tool's name and input of the report, and the request's further fields", async () => {
    const calls = createToolCalls();
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
    const calls = createToolCalls();
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
