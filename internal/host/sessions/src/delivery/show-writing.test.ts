import type { Writing } from "@gatehouse/channels";
import { expect, test } from "vitest";
import { until } from "../session.fixture.ts";
import { idOf, talking } from "./talking.fixture.ts";

test("an unfinished answer is shown in the chat of the answered message, under the agent's name", async () => {
  const fixture = await talking();
  const agent = fixture.agent(fixture.sessionId);
  const shown: Writing[] = [];
  Object.assign(fixture.channel, { writing: (writing: Writing) => shown.push(writing) });
  const inReplyTo = await idOf(agent, "hello");
  agent.progress({ inReplyTo, text: "I th" });
  await until(() => expect(shown).toHaveLength(1));
  expect(shown).toEqual([{ platformId: "ana", threadId: null, from: "Ana", inReplyTo, text: "I th" }]);
});

test("an unfinished answer to no message of the session is not shown", async () => {
  const fixture = await talking();
  const shown: Writing[] = [];
  Object.assign(fixture.channel, { writing: (writing: Writing) => shown.push(writing) });
  // Each side of an agent may report ten times a second.
  const agents = [1, 2, 3].map(() => fixture.agent(fixture.sessionId));
  const inReplyTo = await idOf(fixture.agent(fixture.sessionId), "hello");
  for (const [at, message] of [null, "m-of-another", inReplyTo].entries())
    agents[at]?.progress({ inReplyTo: message, text: message === inReplyTo ? "last" : "first" });
  await until(() => expect(shown).toHaveLength(1));
  expect(shown[0]?.text).toBe("last");
});
