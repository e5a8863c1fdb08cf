import { expect, onTestFinished, test } from "vitest";
import { openScriptedModel, type ScriptOptions } from "./scripted-model.ts";

type Body = Readonly<Record<string, unknown>>;

/** A scripted model, and functions that ask it by two APIs. */
const prepared = async (options?: ScriptOptions) => {
  const model = await openScriptedModel(options);
  onTestFinished(model.close);
  const asked = async (path: string, body: Body) => {
    const answer = await fetch(`${model.url}/v1/${path}`, { method: "POST", body: JSON.stringify(body) });
    return { status: answer.status, retry: answer.headers.get("x-should-retry"), text: await answer.text() };
  };
  /** The parts of an answer. */
  const partsOf = async (path: string, body: Body, field: string): Promise<unknown> =>
    (JSON.parse((await asked(path, body)).text) as Body)[field];
  return {
    ...model,
    asked,
    asClaude: (messages: readonly object[], names: readonly string[] = ["Bash"]) =>
      partsOf("messages", { messages, tools: names.map((name) => ({ name })) }, "content"),
    asCodex: (input: readonly object[], tools: readonly object[]) =>
      partsOf("responses", { input, tools }, "output"),
  };
};

const user = (...content: readonly (string | object)[]) => ({
  role: "user",
  content: content.map((part) => (typeof part === "string" ? { type: "text", text: part } : part)),
});
const result = (more: object = {}) => ({ type: "tool_result", tool_use_id: "t", content: "a file", ...more });

const runs = (name: string, command: string) => [
  expect.objectContaining({ type: "tool_use", name, input: { command, description: "Runs it" } }),
];
const says = (text: string) => [{ type: "text", text }];

test.for<[what: string, messages: readonly object[], answer: readonly unknown[], tools?: readonly string[]]>([
  ["other words", [user("hello")], says("you said: hello")],
  ["a command", [user("run ls")], runs("Bash", "ls")],
  ["a command of OpenCode", [user("run ls")], runs("bash", "ls"), ["bash"]],
  ["a command of Qwen Code", [user("run ls")], runs("run_shell_command", "ls"), ["run_shell_command"]],
  ["a command without tools, as for a title", [user("run ls")], says("you said: run ls"), []],
  ["a command that ran", [user("run ls"), user(result())], says("it ran")],
  ["the second of two steps", [user("run a then run b"), user(result())], runs("Bash", "b")],
  ["two steps that ran", [user("run a then run b"), user(result()), user(result())], says("it ran")],
  ["a denied command", [user("run ls"), user(result({ is_error: true }))], says("it ran")],
  [
    "a command in which Claude Code was killed",
    [user("run ls"), user(result({ is_error: true }), "Continue from where you left off.")],
    runs("Bash", "ls"),
  ],
  [
    "a message of the runner beside a note",
    [user('<message id="m-1">\nrun echo &quot;a &amp; b&quot;\n</message>\n<system id="2">again</system>')],
    runs("Bash", 'echo "a & b"'),
  ],
  [
    "a message of the chat beside it",
    [user('<context from="bo">\nx\n</context>\nrun ls')],
    runs("Bash", "ls"),
  ],
  [
    "a tool that Claude Code names only to a search",
    [user('use ExitPlanMode {"plan":"PLAN_FILE"}'), user("<note>write /h/plans/a-b.md</note>")],
    [expect.objectContaining({ name: "ExitPlanMode", input: { plan: "/h/plans/a-b.md" } })],
  ],
])("the scripted model answers %s by Anthropic's Messages", async ([, messages, answer, tools]) => {
  const { asClaude } = await prepared();
  expect(await asClaude(messages, tools)).toEqual(answer);
});

const code = { type: "custom", name: "exec" };
const shell = { type: "function", name: "exec_command", parameters: {} };
const patch = { type: "custom", name: "apply_patch" };
const server = { type: "namespace", name: "mcp__tiny", tools: [{ type: "function", name: "greet" }] };
const search = { type: "tool_search", execution: "client", parameters: {} };
const prompt = (text: string) => ({
  type: "message",
  role: "user",
  content: [{ type: "input_text", text }],
});
const denial = prompt("<system>denied</system>");

test.for<[what: string, input: readonly object[], tools: readonly object[], answer: object]>([
  ["other words", [prompt("hello")], [shell], { content: [{ text: "you said: hello" }] }],
  [
    "a command",
    [prompt("run ls")],
    [shell, code],
    { type: "function_call", name: "exec_command", arguments: '{"cmd":"ls"}' },
  ],
  [
    "a command in the code mode",
    [prompt("run ls")],
    [code],
    { type: "custom_tool_call", name: "exec", input: 'text(await tools.exec_command({"cmd":"ls"}));' },
  ],
  [
    "a command of a model that has its tools among the input",
    [{ type: "additional_tools", tools: [shell] }, prompt("run ls")],
    [],
    { type: "function_call", name: "exec_command" },
  ],
  ["code", [prompt("js 1 + 1")], [code], { type: "custom_tool_call", name: "exec", input: "1 + 1" }],
  [
    "a patch",
    [prompt("patch made")],
    [patch],
    {
      type: "custom_tool_call",
      name: "apply_patch",
      input: "*** Begin Patch\n*** Add File: made\n+patched\n*** End Patch\n",
    },
  ],
  [
    "a tool of a server",
    [prompt("call tiny greet")],
    [server, search],
    { type: "function_call", name: "greet", namespace: "mcp__tiny", arguments: "{}" },
  ],
  [
    "a tool of a server that is to be searched for",
    [prompt("call tiny greet")],
    [search],
    { type: "tool_search_call", execution: "client", arguments: { query: "greet" } },
  ],
  [
    "a function of its own",
    [prompt('use exec_command {"cmd":"ls"}')],
    [shell],
    { type: "function_call", name: "exec_command", arguments: '{"cmd":"ls"}' },
  ],
  [
    "a function that is not offered",
    [prompt("use other {}")],
    [shell],
    { content: [{ text: "you said: use other {}" }] },
  ],
  [
    "a denied tool, whose denial is a message of its own",
    [prompt("run ls"), { type: "function_call_output", output: "no" }, denial],
    [shell],
    { content: [{ text: "it ran" }] },
  ],
])("the scripted model answers %s by OpenAI's Responses", async ([, input, tools, answer]) => {
  const { asCodex } = await prepared();
  expect(await asCodex(input, tools)).toMatchObject([answer]);
});

const streamed = (text: string) => ({ stream: true, messages: [user(text)] });

test("the scripted model refuses `refuse STATUS` for ever, and `busy STATUS` twice", async () => {
  const { asked, requests } = await prepared();
  for (let time = 0; time < 3; time += 1)
    expect(await asked("messages", streamed("refuse 402"))).toMatchObject({ status: 402, retry: "false" });
  const busy = [];
  for (let time = 0; time < 3; time += 1) busy.push(await asked("messages", streamed("busy 529")));
  expect(busy.map(({ status, retry }) => [status, retry])).toEqual([
    [529, "true"],
    [529, "true"],
    [200, null],
  ]);
  expect(busy[0]?.text).toContain("the words of the vendor");
  expect(busy[2]?.text).toContain("you said: busy 529");
  expect(requests.map(({ path }) => path)).toEqual(Array(6).fill("/v1/messages"));
});

test("the scripted model breaks the stream of `cut` twice", async () => {
  const { asked } = await prepared();
  for (let time = 0; time < 2; time += 1)
    await expect(asked("messages", streamed("cut"))).rejects.toThrow("terminated");
  expect((await asked("messages", streamed("cut"))).text).toContain("you said: cut");
});

test("the scripted model begins a late answer before its text, and shows each request first", async () => {
  const seen: unknown[] = [];
  const { url } = await prepared({ lateMs: 600_000, onRequest: ({ body }) => seen.push(body["model"]) });
  const body = JSON.stringify({ ...streamed("hello"), model: "m" });
  const leaving = new AbortController();
  const answer = await fetch(`${url}/v1/messages`, { method: "POST", body, signal: leaving.signal });
  const begun = await answer.body!.pipeThrough(new TextDecoderStream()).getReader().read();
  leaving.abort();
  expect(seen).toEqual(["m"]);
  expect(begun.value).toContain("event: message_start");
  expect(begun.value).not.toContain("you said");
});

test("the text of a late answer comes, too", async () => {
  const { asked } = await prepared({ lateMs: 1 });
  expect((await asked("messages", streamed("hello"))).text).toContain('"text":"you said: hello"');
});
