import { Buffer } from "node:buffer";
import type { AgentSide, Json, ToolDecision, ToolRequest } from "@gatehouse/session-rows/messages";
import type { Clock } from "../clock.ts";
import { limits } from "../limits.ts";
import type { Calls } from "./calls.ts";
import { createWaker } from "./waker.ts";

type Asking = {
  readonly side: Pick<AgentSide, "ask" | "answerTo" | "onChange">;
  readonly calls: Calls;
  readonly clock: Clock;
  /** A new UUID. */
  readonly newId: () => string;
  readonly signal: AbortSignal;
  /** The incarnation of this container. The host ignores questions of an earlier one. */
  readonly incarnation: number;
  /** The container ends: the next one asks again, and finds the answer or the open card. */
  readonly isStopped: () => boolean;
};

/**
 * Asks the host by a question that it stores, and waits for the answer over lost connections and restarts of
 * the host. If the turn is aborted, the question is withdrawn.
 */
export const askTool = async (asking: Asking, request: ToolRequest): Promise<ToolDecision> => {
  const { side, calls, newId, signal, incarnation, isStopped } = asking;
  const content = { type: "tool", incarnation, ...request } as Json;
  if (Buffer.byteLength(JSON.stringify(content)) > limits.contentBytes) return denied(tooLong);
  if (signal.aborted) return denied(interrupted);
  const id = newId();
  await calls.persist(() => side.ask({ id, content, askedAt: calls.now() }));
  const answer = await answerTo(asking, id);
  if (answer !== undefined) return decisionIn(answer);
  if (!isStopped())
    await calls.persist(() =>
      side.ask({ id: newId(), content: { type: "withdrawal", withdraws: id }, askedAt: calls.now() }),
    );
  return denied(interrupted);
};

/** Waits for the answer to a question; undefined if the turn is aborted before. */
const answerTo = async ({ side, calls, clock, signal }: Asking, id: string): Promise<Json | undefined> => {
  const { wake, wait } = createWaker(clock);
  const unsubscribe = side.onChange(wake);
  signal.addEventListener("abort", wake);
  try {
    while (!signal.aborted) {
      const answer = await calls.persist(() => side.answerTo(id));
      if (answer !== undefined) return answer;
      // A signal may be lost with its connection, so the answer is also looked up at intervals.
      await wait(limits.pollMs);
    }
    return undefined;
  } finally {
    unsubscribe();
    signal.removeEventListener("abort", wake);
  }
};

const denied = (message: string): ToolDecision => ({ behavior: "deny", message });

const interrupted = "The turn was interrupted.";
const tooLong = `A person has to read the tool's input, and it has more than ${limits.contentBytes} bytes.`;

/** The decision in a stored answer. Unknown answers are denials. */
const decisionIn = (answer: Json): ToolDecision => {
  const { behavior, message, rules, answers } = (answer ?? {}) as Readonly<Record<string, Json | undefined>>;
  if (behavior === "allow") return { behavior, ...(isTexts(rules) ? { rules } : {}) };
  if (behavior === "answer" && isTexts(answers)) return { behavior, answers };
  return denied(typeof message === "string" ? message : "The host denied it.");
};

const isTexts = (value: Json | undefined): value is readonly string[] =>
  Array.isArray(value) && value.every((text) => typeof text === "string");
