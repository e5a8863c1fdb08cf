import { afterEach, expect, test } from "vitest";
import { serveModelStandIn, type AskedModel, type ModelStandIn } from "./model-stand-in.ts";

let standIn: ModelStandIn | undefined;
afterEach(() => standIn?.close());

const ask = async (asked: AskedModel, onAsked?: () => boolean): Promise<string> => {
  standIn = await serveModelStandIn(onAsked);
  const answer = await fetch(`${standIn.url}/v1/messages?beta=true`, {
    method: "POST",
    body: JSON.stringify(asked),
    signal: AbortSignal.timeout(onAsked === undefined ? 10_000 : 300),
  });
  return answer.text();
};

const user = (...texts: readonly string[]): NonNullable<AskedModel["messages"]>[number] => ({
  role: "user",
  content: texts.map((text) => ({ type: "text", text })),
});

const bash = { tools: [{ name: "Bash" }] };

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
  { what: "a command without the tool Bash", messages: [user("run ls")], says: "you said: run ls" },
])("the stand-in for the model answers $what", async ({ messages, says }) => {
  expect(JSON.parse(await ask({ messages }))).toMatchObject({
    content: [{ type: "text", text: says }],
    stop_reason: "end_turn",
  });
});

test("the stand-in answers `run COMMAND` with a call of Bash, and its result with words", async () => {
  expect(JSON.parse(await ask({ messages: [user("run ls -l")], ...bash }))).toMatchObject({
    content: [{ type: "tool_use", name: "Bash", input: { command: "ls -l" } }],
    stop_reason: "tool_use",
  });
  await standIn?.close();
  const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: "a file" }] };
  expect(JSON.parse(await ask({ messages: [user("run ls -l"), result], ...bash }))).toMatchObject({
    content: [{ type: "text", text: "it ran" }],
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
  await expect(ask({ messages: [user("hello")] }, () => false)).rejects.toThrow(/timeout|aborted/i);
});
