import type { ToolDecision } from "@gatehouse/session-rows/messages";
import { ok } from "@gatehouse/std";
import { expect, test } from "vitest";
import { promptOf, turnTools } from "../provider.fixture.ts";
import { askedTools } from "./asked-tools.ts";
import type { CodexProgram } from "./codex-program.ts";
import type { ToolQuestion } from "./frames.ts";
import type { TurnRecord } from "./turn-record.ts";

/** What happened, in its order. */
type Step = readonly [what: string, value: unknown];

/** The tools of a turn whose questions are answered with `decision`. */
const turnOf = (decision: ToolDecision, record: TurnRecord = { thread: null, allowed: [] }) => {
  const steps: Step[] = [];
  const program = {
    isRunning: () => true,
    send: (frame: object) => steps.push(["send", frame]),
    call: (method: string, params: object) => {
      steps.push([method, params]);
      return Promise.resolve(ok(null));
    },
  } as unknown as CodexProgram;
  const tools = turnTools(decision);
  const asked = askedTools(program, {
    prompt: promptOf("hello"),
    tools,
    threadId: "th",
    text: "hello",
    record,
    keepRecord: (kept) => {
      steps.push(["keep", kept]);
      return Promise.resolve();
    },
  });
  return { asked, steps, requests: tools.asked };
};

const question = (rest: Partial<ToolQuestion> = {}): ToolQuestion => ({
  requestId: 0,
  turn: "t-1",
  answer: "decision",
  tool: "commandExecution",
  item: "i",
  input: { command: "ls" },
  ...rest,
});

const use = { tool: "commandExecution", input: { command: "ls" } };

test("an allowed tool is recorded before Codex gets the answer", async () => {
  const { asked, steps, requests } = turnOf({ behavior: "allow" });
  await asked.ask(question());
  expect(requests).toEqual([{ messageId: "m-1", ...use, occurrence: 0, mayHaveRun: false }]);
  expect(steps).toEqual([
    ["keep", { thread: null, allowed: [use] }],
    ["send", { id: 0, result: { decision: "accept" } }],
  ]);
});

test("each request for a tool has its count, and says if the tool may have run in an earlier try", async () => {
  const { asked, requests } = turnOf({ behavior: "allow" }, { thread: "th", allowed: [use] });
  await asked.ask(question());
  await asked.ask(question());
  await asked.ask(question({ input: { command: "touch a" } }));
  expect(requests.map(({ occurrence, mayHaveRun }) => ({ occurrence, mayHaveRun }))).toEqual([
    { occurrence: 0, mayHaveRun: true },
    { occurrence: 1, mayHaveRun: true },
    { occurrence: 0, mayHaveRun: false },
  ]);
});

test("a denial follows its reason to the agent, and is not recorded", async () => {
  const { asked, steps } = turnOf({ behavior: "deny", message: "not <today>" });
  await asked.ask(question());
  const text = "<system>The tool commandExecution was denied: not &lt;today&gt;</system>";
  expect(steps).toEqual([
    [
      "turn/steer",
      { threadId: "th", expectedTurnId: "t-1", input: [{ type: "text", text, text_elements: [] }] },
    ],
    ["send", { id: 0, result: { decision: "decline" } }],
  ]);
});

test("a question shows the changes of files; unknown changes are denied", async () => {
  const { asked, steps, requests } = turnOf({ behavior: "allow" });
  const changes = [{ path: "/srv/a", kind: { type: "add" }, diff: "x\n" }];
  asked.see({ type: "fileChange", id: "seen", changes });
  await asked.ask(question({ tool: "fileChange", input: null, item: "other" }));
  expect(steps).toEqual([["send", { id: 0, result: { decision: "decline" } }]]);
  await asked.ask(question({ tool: "fileChange", input: null, item: "seen" }));
  expect(requests).toMatchObject([{ tool: "fileChange", input: { changes } }]);
});
