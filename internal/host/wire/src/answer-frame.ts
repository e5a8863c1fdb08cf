import type { Json } from "@gatehouse/session-rows/messages";
import type { AgentSide, TransportResult } from "@gatehouse/session-rows/messages";
import type { CallFrame, HostFrame } from "./frames.ts";

/** Carries out a runner's frame on the agent's side of its session. */
export const answerFrame = async (agent: AgentSide, frame: CallFrame): Promise<HostFrame> => {
  const { id } = frame;
  switch (frame.type) {
    case "session":
      return answerOf(id, await agent.projection(), (session) => ({ type: "session", id, session }));
    case "secrets":
      return answerOf(id, await agent.secrets(), (secrets) => ({ type: "secrets", id, secrets }));
    case "next":
      return answerOf(id, await agent.receive(frame), (messages) => ({ type: "batch", id, messages }));
    case "next-system":
      return answerOf(id, await agent.receiveSystem(frame.limit), (messages) => ({
        type: "batch",
        id,
        messages,
      }));
    case "commit":
      return answerOf(id, await agent.commit(frame), (outcome) => ({
        type: "done",
        id,
        ...(outcome === "withdrawn" ? { withdrawn: true } : {}),
      }));
    case "get":
      return answerOf(id, await agent.get(frame.key), (value) => valueFrame(id, value));
    case "set":
      return answerOf(id, await agent.set(frame.key, frame.value, frame.now), () => ({ type: "done", id }));
    case "tool":
      return answerOf(id, await agent.setTool(frame.tool, frame.now), () => ({ type: "done", id }));
    case "ask":
      return answerOf(id, await agent.ask(frame.question), () => ({ type: "done", id }));
    case "answer-to":
      return answerOf(id, await agent.answerTo(frame.question), (value) => valueFrame(id, value));
    case "beat":
      await agent.heartbeat();
      return { type: "done", id };
  }
};

const valueFrame = (id: number, value: Json | undefined): HostFrame => ({
  type: "value",
  id,
  ...(value === undefined ? {} : { value }),
});

const answerOf = <T>(id: number, result: TransportResult<T>, frameOf: (value: T) => HostFrame): HostFrame =>
  result.ok ? frameOf(result.value) : { type: "refused", id, error: result.error };
