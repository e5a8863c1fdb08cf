import { expect, test } from "vitest";
import { agentMessageId, parseAgentMessageId } from "./agent-messages.ts";

const session = "se-019a0000-0000-7000-8000-000000000001";

test("the id of a message between agents names the sending session and the length of the chain", () => {
  const id = agentMessageId({ sessionId: session, hop: 3 }, "re-m-1");
  expect(parseAgentMessageId(id)).toEqual({ sessionId: session, hop: 3 });
});

test("the same message always has the same id, and different messages have different ids", () => {
  const of = (outbound: string) => agentMessageId({ sessionId: session, hop: 1 }, outbound);
  expect(of("re-m-1")).toBe(of("re-m-1"));
  expect(of("re-m-1")).not.toBe(of("re-m-2"));
});

test("the id of a message between agents does not grow with the chain", () => {
  const first = agentMessageId({ sessionId: session, hop: 1 }, "m-1");
  expect(agentMessageId({ sessionId: session, hop: 2 }, `re-${first}`)).toHaveLength(first.length);
});

test.each([null, "", "m-1", "re-a2a-1", "a2a--se-1-0123456789abcdef", "a2a-1-se-1-0123456789abcdeg"])(
  "%j is no id of a message between agents",
  (id) => expect(parseAgentMessageId(id)).toBeNull(),
);
