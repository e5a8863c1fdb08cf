import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changesIn, permissionFrame, readFrame } from "./frames.ts";

/** Frames of Codex 0.169.0, without the fields that nothing reads. */
const rows = [
  {
    name: "a reply",
    frame: { id: 3, result: { turn: { id: "t-1" } } },
    read: { type: "reply", id: 3, result: { turn: { id: "t-1" } }, error: null },
  },
  {
    name: "a refusal",
    frame: { id: 2, error: { code: -32600, message: "no rollout found for thread id t" } },
    read: { type: "reply", id: 2, result: undefined, error: "no rollout found for thread id t" },
  },
  {
    name: "the beginning of a turn",
    frame: { method: "turn/started", params: { threadId: "th", turn: { id: "t-1", status: "inProgress" } } },
    read: { type: "turn-started", turn: "t-1" },
  },
  {
    name: "a piece of text",
    frame: { method: "item/agentMessage/delta", params: { turnId: "t-1", itemId: "i", delta: "he" } },
    read: { type: "text", turn: "t-1", text: "he" },
  },
  {
    name: "an item",
    frame: {
      method: "item/completed",
      params: { turnId: "t-1", item: { type: "agentMessage", text: "hi" } },
    },
    read: { type: "item", turn: "t-1", isCompleted: true, item: { type: "agentMessage", text: "hi" } },
  },
  {
    name: "an MCP server that did not start",
    frame: {
      method: "mcpServer/startupStatus/updated",
      params: {
        threadId: "th",
        name: "weather",
        status: "failed",
        failureReason: null,
        error: "MCP client for `weather` failed to start: MCP startup failed: No such file or directory",
      },
    },
    read: { type: "server", state: { name: "weather", failure: "not-found" } },
  },
  {
    name: "an MCP server that has started",
    frame: {
      method: "mcpServer/startupStatus/updated",
      params: { threadId: "th", name: "weather", status: "ready", error: null },
    },
    read: { type: "server", state: { name: "weather", failure: null } },
  },
  {
    name: "the end of a turn",
    frame: { method: "turn/completed", params: { turn: { id: "t-1", status: "completed", error: null } } },
    read: { type: "turn-ended", turn: "t-1", failure: null },
  },
  {
    name: "the end of a turn that failed",
    frame: {
      method: "turn/completed",
      params: { turn: { id: "t-1", status: "failed", error: { message: "no", codexErrorInfo: "other" } } },
    },
    read: { type: "turn-ended", turn: "t-1", failure: { code: "failed", message: "no" } },
  },
  {
    name: "a question about a command, the first one",
    frame: {
      method: "item/commandExecution/requestApproval",
      id: 0,
      params: {
        kind: "command",
        threadId: "th",
        turnId: "t-1",
        itemId: "i",
        startedAtMs: 1,
        reason: null,
        command: "/bin/bash -lc ls",
        cwd: "/srv",
        proposedExecpolicyAmendment: ["ls"],
      },
    },
    read: {
      type: "may-use-tool",
      requestId: 0,
      turn: "t-1",
      item: "i",
      answer: "decision",
      tool: "commandExecution",
      input: { command: "/bin/bash -lc ls", cwd: "/srv" },
    },
  },
  {
    name: "a question about the input of a running command",
    frame: {
      method: "item/commandExecution/requestApproval",
      id: 1,
      params: { kind: "writeStdin", turnId: "t-1", itemId: "i", command: "yes", reason: "it asks" },
    },
    read: {
      type: "may-use-tool",
      requestId: 1,
      turn: "t-1",
      item: "i",
      answer: "decision",
      tool: "commandExecution",
      input: { command: "yes", reason: "it asks", kind: "writeStdin" },
    },
  },
  {
    name: "a question about a change of files",
    frame: { method: "item/fileChange/requestApproval", id: 2, params: { turnId: "t-1", itemId: "i" } },
    read: {
      type: "may-use-tool",
      requestId: 2,
      turn: "t-1",
      item: "i",
      answer: "decision",
      tool: "fileChange",
      input: null,
    },
  },
  {
    name: "a question about a tool of an MCP server",
    frame: {
      method: "mcpServer/elicitation/request",
      id: 3,
      params: {
        threadId: "th",
        turnId: "t-1",
        serverName: "tiny",
        mode: "form",
        _meta: { codex_approval_kind: "mcp_tool_call", tool_name: "greet", tool_params: { a: 1 } },
      },
    },
    read: {
      type: "may-use-tool",
      requestId: 3,
      turn: "t-1",
      item: "",
      answer: "elicitation",
      tool: "mcp__tiny__greet",
      input: { a: 1 },
    },
  },
  {
    name: "a question of an MCP server itself",
    frame: {
      method: "mcpServer/elicitation/request",
      id: 4,
      params: { turnId: "t-1", serverName: "tiny", mode: "form", _meta: null, message: "Your name?" },
    },
    read: { type: "unknown-request", requestId: 4, method: "mcpServer/elicitation/request" },
  },
  {
    name: "a question about a host of the network",
    frame: {
      method: "item/commandExecution/requestApproval",
      id: 5,
      params: { turnId: "t-1", itemId: "i", command: "curl x", networkApprovalContext: { host: "x" } },
    },
    read: { type: "unknown-request", requestId: 5, method: "item/commandExecution/requestApproval" },
  },
  {
    name: "a request for more permissions",
    frame: { method: "item/permissions/requestApproval", id: "r", params: { turnId: "t-1" } },
    read: { type: "unknown-request", requestId: "r", method: "item/permissions/requestApproval" },
  },
  {
    name: "a notification that nothing reads",
    frame: { method: "warning", params: { message: "x" } },
    read: { type: "other" },
  },
];

describe("readFrame", () => {
  test.each(rows)("reads $name", ({ frame, read }) => expect(readFrame(JSON.stringify(frame))).toEqual(read));

  test("takes any line", () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(typeof readFrame(line).type).toBe("string");
      }),
    ));

  test("takes any value in any field of a known frame", () =>
    fc.assert(
      fc.property(fc.constantFrom(...rows), fc.jsonValue(), fc.nat(20), ({ frame }, value, at) => {
        const paths = pathsIn(frame);
        const changed = JSON.stringify(withValue(frame, paths[at % paths.length] ?? [], value));
        expect(typeof readFrame(changed).type).toBe("string");
      }),
    ));
});

const pathsIn = (value: unknown): readonly (readonly string[])[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [
        [key],
        ...pathsIn(inner).map((path) => [key, ...path]),
      ])
    : [];

const withValue = (whole: unknown, [key, ...rest]: readonly string[], value: unknown): unknown =>
  key === undefined
    ? value
    : { ...(whole as object), [key]: withValue((whole as Record<string, unknown>)[key], rest, value) };

test.each([
  { answer: "decision" as const, isAllowed: true, result: { decision: "accept" } },
  { answer: "decision" as const, isAllowed: false, result: { decision: "decline" } },
  { answer: "elicitation" as const, isAllowed: true, result: { action: "accept", content: {}, _meta: null } },
  {
    answer: "elicitation" as const,
    isAllowed: false,
    result: { action: "decline", content: null, _meta: null },
  },
])("an answer $answer becomes $result for Codex", ({ answer, isAllowed, result }) =>
  expect(permissionFrame({ requestId: 0, answer }, isAllowed)).toEqual({ id: 0, result }),
);

test("changesIn returns null for an item without changes", () => {
  const changes = [{ path: "/srv/a", kind: { type: "add" }, diff: "x\n" }];
  expect(changesIn({ type: "fileChange", changes })).toEqual(changes);
  expect(changesIn({ type: "fileChange", changes: [] })).toBeNull();
  expect(changesIn({ type: "commandExecution", changes })).toBeNull();
});
