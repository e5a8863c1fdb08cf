import type { ToolDecision, ToolRequest } from "@gatehouse/session-rows/messages";
import { differs } from "../check/differs.ts";
import type { Run } from "../agents/agent-check.ts";
import { ownAgent, promptOf, turnTools } from "../agents/provider-turns.ts";

/**
 * Claude is killed while it waits for a person. The next one asks the same: it has the same key, so that the host
 * finds the card or the answer.
 */
const askedAgain =
  (text: string, answer: ToolDecision): Run =>
  async (stage) => {
    const { provider: start } = ownAgent(stage);
    const prompt = promptOf("m-1", text);
    const asked: ToolRequest[] = [];
    const first = start();
    await first.start(null);
    const killed = new AbortController();
    await new Promise<void>((resolve) => {
      const askTool = (request: ToolRequest): Promise<ToolDecision> => {
        asked.push(request);
        resolve();
        return new Promise(() => {});
      };
      void first.turn(prompt, turnTools(killed.signal, { askTool }));
    });
    killed.abort("stop");
    first.stop();
    const second = start();
    await second.start(null);
    const askTool = (request: ToolRequest): Promise<ToolDecision> => {
      asked.push(request);
      return Promise.resolve(answer);
    };
    const turn = await second.turn(prompt, turnTools(AbortSignal.timeout(60_000), { askTool }));
    second.stop();
    const keys = asked.map(({ tool, input, occurrence }) => [tool, input, occurrence]);
    const answers = turn.ok ? turn.value.answers : turn.error;
    return [
      ...differs("how often it is asked", asked.length, 2),
      ...differs("the second request", keys[1], keys[0]),
      ...differs("the turn", answers, [{ text: "it ran", inReplyTo: "m-1" }]),
    ];
  };

const question = {
  ...{ question: "Which colour?", header: "Colour", multiSelect: false },
  options: ["Red", "Blue"].map((label) => ({ label, description: "" })),
};

export const questionAgain: Run = askedAgain(
  `use AskUserQuestion ${JSON.stringify({ questions: [question] })}`,
  { behavior: "answer", answers: ["Red"] },
);

export const planAgain: Run = askedAgain(
  'use EnterPlanMode {} then use Write {"file_path":"PLAN_FILE","content":"do it"} then use ExitPlanMode {}',
  { behavior: "allow" },
);
