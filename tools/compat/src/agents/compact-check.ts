import { differs } from "../check/differs.ts";
import type { Run } from "./agent-check.ts";
import { ownAgent, promptOf, turnTools } from "./provider-turns.ts";

/** The CLI compacts its conversation by order, also as the first thing of a new process, and goes on in it. */
export const compacts: Run = async (stage) => {
  const agent = ownAgent(stage);
  const order = async (
    provider: ReturnType<typeof agent.provider>,
    compactsNow: boolean,
    text = "/compact",
  ) => {
    const prompt = { ...promptOf("m-1", text), ...(compactsNow ? { compacts: true as const } : {}) };
    const turn = await provider.turn(prompt, turnTools(AbortSignal.timeout(60_000)));
    return turn.ok
      ? { said: turn.value.answers[0]?.text ?? "", conversation: turn.value.conversation }
      : { said: turn.error.message, conversation: null };
  };
  const first = agent.provider();
  await first.start(null);
  const early = await order(first, true);
  const hello = await order(first, false, "hello");
  const running = await order(first, true);
  const again = await order(first, false, "and again");
  first.stop();
  const next = agent.provider();
  await next.start(again.conversation);
  const resumed = await order(next, true);
  const last = await order(next, false, "and last");
  next.stop();
  // The stand-in joins the blocks of a message, and Claude Code adds some after a compaction.
  const plain = (text: string): string => text.replaceAll(/ +/gu, " ");
  const isCompacted = (text: string): boolean => text.startsWith("The conversation is compacted");
  return [
    ...differs("before the first turn", early.said, "There is nothing to compact yet."),
    ...differs("the first answer", hello.said, "you said: hello"),
    ...(isCompacted(running.said) ? [] : [`The running process says: ${running.said}`]),
    ...differs("the next answer", plain(again.said), "you said: and again"),
    ...(isCompacted(resumed.said) ? [] : [`The next process says: ${resumed.said}`]),
    ...differs("the last answer", plain(last.said), "you said: and last"),
    ...differs("the conversation", last.conversation, hello.conversation),
  ];
};
