import { afterEach, expect, test } from "vitest";
import { serveModelStandIn, type AskedModel, type ModelStandIn } from "./model-stand-in.ts";

let standIn: ModelStandIn | undefined;
afterEach(() => standIn?.close());

const askAt = async (url: string | undefined, asked: AskedModel): Promise<string> => {
  const answer = await fetch(`${url}/v1/messages?beta=true`, { method: "POST", body: JSON.stringify(asked) });
  return answer.text();
};

const ask = async (asked: AskedModel): Promise<string> => {
  standIn = await serveModelStandIn();
  return askAt(standIn.url, asked);
};

const user = (...texts: readonly string[]): NonNullable<AskedModel["messages"]>[number] => ({
  role: "user",
  content: texts.map((text) => ({ type: "text", text })),
});

test.for([
  { what: "a prompt", messages: [user("hello")], says: "you said: hello" },
  {
    what: "the message in the runner's tags",
    messages: [user('<message id="m-1" from="ana">\na &lt; b\n</message>')],
    says: "you said: a < b",
  },
  {
    what: "a note of the host",
    messages: [user('<system id="2" time="now">You were started again.</system>')],
    says: "you said: You were started again.",
  },
  {
    what: "a prompt with reminders of the CLI",
    messages: [user("<system-reminder>\nx\n</system-reminder>\n", "hello")],
    says: "you said: hello",
  },
  {
    what: "a prompt that Claude Code continues",
    messages: [user("hello\n", "Continue from where you left off.")],
    says: "you said: hello",
  },
  { what: "a command without a tool that runs it", messages: [user("run ls")], says: "you said: run ls" },
])("the stand-in for the model answers $what", async ({ messages, says }) => {
  expect(JSON.parse(await ask({ messages }))).toMatchObject({
    content: [{ type: "text", text: says }],
    stop_reason: "end_turn",
  });
});

/** A tool of Anthropic's API whose fields are strings, but for a switch. */
const toolOf = (name: string, ...fields: readonly string[]) => {
  const properties = Object.fromEntries(
    fields.map((field) => [field, { type: field === "is_background" ? "boolean" : "string" }]),
  );
  return { name, input_schema: { type: "object", properties, required: fields } };
};

// Claude Code and Kimi Code, OpenCode and Copilot, Qwen Code.
test.for([
  { tool: toolOf("Bash", "command"), input: { command: "ls -l" } },
  { tool: toolOf("bash", "command", "description"), input: { command: "ls -l", description: "Runs it" } },
  {
    tool: toolOf("run_shell_command", "command", "is_background"),
    input: { command: "ls -l", is_background: false },
  },
])("the stand-in answers `run COMMAND` with a call of $tool.name, and its result with words", async (row) => {
  const tools = [toolOf("read_file", "path"), toolOf("Run", "name"), row.tool];
  expect(JSON.parse(await ask({ messages: [user("run ls -l")], tools }))).toMatchObject({
    content: [{ type: "tool_use", name: row.tool.name, input: row.input }],
    stop_reason: "tool_use",
  });
  await standIn?.close();
  const result = {
    role: "user",
    content: [
      { type: "tool_result", tool_use_id: "t", content: "a file" },
      { type: "text", text: "<system-reminder>\nx\n</system-reminder>" },
    ],
  };
  const messages = [user("run ls -l"), result];
  expect(JSON.parse(await ask({ messages, tools }))).toMatchObject({
    content: [{ type: "text", text: "it ran" }],
  });
  await standIn?.close();
  expect(JSON.parse(await ask({ messages: [...messages, user("and now?")], tools }))).toMatchObject({
    content: [{ type: "text", text: "you said: and now?" }],
  });
});

test("the stand-in answers `run COMMAND` with code, if a model of OpenAI uses its tools by code alone", async () => {
  standIn = await serveModelStandIn();
  const ask = async (...input: readonly object[]): Promise<unknown> => {
    const tools = [{ type: "namespace", name: "functions", tools: [{ type: "custom", name: "exec" }] }];
    const prompt = { type: "message", role: "user", content: [{ type: "input_text", text: "run ls -l" }] };
    const body = JSON.stringify({ input: [{ type: "additional_tools", tools }, prompt, ...input] });
    const answer = await fetch(`${standIn?.url}/v1/responses`, { method: "POST", body });
    return answer.json();
  };
  const input = 'text(await tools.exec_command({"cmd":"ls -l"}));';
  expect(await ask()).toMatchObject({
    output: [{ type: "custom_tool_call", namespace: "functions", name: "exec", input }],
  });
  expect(await ask({ type: "custom_tool_call_output", output: "a file" })).toMatchObject({
    output: [{ type: "message", content: [{ text: "it ran" }] }],
  });
});

test("the stand-in streams the same answer as events", async () => {
  const text = await ask({ messages: [user("hello")], stream: true });
  const events = text.match(/^event: .+$/gm);
  expect(events).toEqual(
    ["message_start", "content_block_start", "content_block_delta", "content_block_stop"]
      .concat("message_delta", "message_stop")
      .map((name) => `event: ${name}`),
  );
  expect(text).toContain('"text":"you said: hello"');
});

test("the stand-in gives no answer if `onAsked` returns false", async () => {
  standIn = await serveModelStandIn(({ model }) => model !== "none");
  const unanswered = expect(askAt(standIn.url, { model: "none" })).rejects.toThrow("fetch failed");
  expect(await askAt(standIn.url, { messages: [user("hello")] })).toContain("you said: hello");
  await standIn.close();
  await unanswered;
});
