// The Responses API of the stand-in (`model-stand-in.mjs`), as Codex asks it: `you said: PROMPT`. Five prompts are answered with
// a tool call, and what that gave with `it ran`: `run COMMAND`, `patch FILE` (adds a file), `call SERVER TOOL` (of an MCP server),
// `js CODE` (runs in the "code mode"), `use TOOL JSON` (a function of Codex itself).
import { randomUUID } from "node:crypto";

/** An offered tool may be called as one of these items: each by the name of the tool. */
const scripts = [
  { pattern: /^run (.+)$/u, tool: "exec_command", call: ([, cmd]) => ({ type: "function_call", arguments: JSON.stringify({ cmd }) }) },
  // A model of the "code mode" calls all tools in JavaScript.
  { pattern: /^run (.+)$/u, tool: "exec", call: ([, cmd]) => ({ type: "custom_tool_call", input: `text(await tools.exec_command(${JSON.stringify({ cmd })}));` }) },
  { pattern: /^js (.+)$/u, tool: "exec", call: ([, input]) => ({ type: "custom_tool_call", input }) },
  { pattern: /^patch (\S+)$/u, tool: "apply_patch", call: ([, file]) => ({ type: "custom_tool_call", input: patchOf(file) }) },
  { pattern: /^use (\S+) (.+)$/u, tool: null, call: ([, , json]) => ({ type: "function_call", arguments: json }) },
  { pattern: /^call (\S+) (\S+)$/u, tool: null, call: () => ({ type: "function_call", arguments: "{}" }) },
  { pattern: /^call (\S+) (\S+)$/u, tool: "tool_search", call: ([, , query]) => ({ type: "tool_search_call", execution: "client", arguments: { query } }) },
];

const patchOf = (file) => ["*** Begin Patch", `*** Add File: ${file}`, "+patched", "*** End Patch", ""].join("\n");

/** All offered tools, each with its namespace: newer models have them among the input, others search for some. */
const toolsIn = ({ tools = [], input = [] }) =>
  [...tools, ...(Array.isArray(input) ? input : []).flatMap((item) => (item.type === "message" ? [] : (item.tools ?? [])))].flatMap((tool) =>
    tool.type === "namespace" ? tool.tools.map((each) => ({ ...each, namespace: tool.name })) : [tool],
  );

const callIn = (asked, prompt) => {
  const tools = toolsIn(asked);
  for (const { pattern, tool, call } of scripts) {
    const match = pattern.exec(prompt);
    const isOfServer = match?.[0].startsWith("call ") === true && tool === null;
    const [server, name] = isOfServer ? [`mcp__${match[1]}`, match[2]] : [undefined, tool ?? match?.[1]];
    const found = tools.find((each) => (each.name ?? each.type) === name && (server === undefined || each.namespace === server));
    if (match === null || found === undefined) continue;
    return { ...(found.type === "tool_search" ? {} : { name }), ...(found.namespace === undefined ? {} : { namespace: found.namespace }), ...call(match) };
  }
  return null;
};

const isNote = ({ role, content }) =>
  role === "user" && (content ?? []).every(({ text = "" }) => /^<system>[^]*<\/system>$/u.test(text.trim()));

/** The events of one answer. `promptOf` reads the last prompt of a person. */
export const responsesTurn = (asked, promptOf) => {
  const items = Array.isArray(asked.input) ? asked.input : [];
  // The words of a denial are a message of their own beside the tool's result.
  const isResult = /_call_output$/u.test(items.findLast((item) => !isNote(item))?.type ?? "");
  const prompt = promptOf(items);
  const call = isResult ? null : callIn(asked, prompt);
  return call === null ? answered(isResult ? "it ran" : `you said: ${prompt}`, asked.model) : called(call, asked.model);
};

const answered = (text, model) => {
  const content = [{ type: "output_text", text, annotations: [] }];
  const item = { id: `msg_${randomUUID()}`, type: "message", role: "assistant", content };
  return response(model, item, [
    { type: "response.output_item.added", output_index: 0, item: { ...item, content: [] } },
    { type: "response.output_text.delta", output_index: 0, item_id: item.id, content_index: 0, delta: text },
  ]);
};

const called = (call, model) => {
  const item = { id: `fc_${randomUUID()}`, call_id: `call_${randomUUID()}`, ...call };
  return response(model, item, [{ type: "response.output_item.added", output_index: 0, item }]);
};

const response = (model, item, events) => {
  const all = { id: `resp_${randomUUID()}`, object: "response", model, output: [item] };
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  return [
    { type: "response.created", response: { ...all, output: [] } },
    ...events,
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: { ...all, status: "completed", usage } },
  ];
};
