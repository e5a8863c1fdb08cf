import type { Destination, Progress } from "@gatehouse/session-rows/messages";
import { expect, test } from "vitest";
import { chatMessage, fakeClock } from "../agent-side.fixture.ts";
import { limits } from "../limits.ts";
import { createCalls } from "./calls.ts";
import { textShower } from "./text-shower.ts";

const team: Destination = {
  name: "team",
  displayName: null,
  type: "channel",
  channelType: "local",
  platformId: "team",
  agentGroupId: null,
};

const showing = () => {
  const shown: Progress[] = [];
  const clock = fakeClock();
  const state = { isOver: false };
  const side = { progress: (progress: Progress) => void shown.push(progress) };
  const show = textShower(
    { side, calls: createCalls(clock, () => {}), isOver: () => state.isOver },
    [chatMessage("m-1", "one"), chatMessage("m-2", "two", { platformId: "team" })],
    [team],
  );
  const passes = async (): Promise<void> => {
    clock.advance(limits.showTextMs);
    await Promise.resolve();
  };
  return { shown, show, passes, state };
};

test("the first text is shown at once, the newest after a pause, and none twice", async () => {
  const { shown, show, passes } = showing();
  for (const text of ["I", "I th", "I think"]) show(text);
  expect(shown).toEqual([{ inReplyTo: "m-2", text: "I" }]);
  await passes();
  expect(shown[1]).toEqual({ inReplyTo: "m-2", text: "I think" });
  await passes();
  expect(shown).toHaveLength(2);
});

test("only text for the chat of the last prompt is shown", () => {
  const { shown, show } = showing();
  show('<message to="bo">It is a secret');
  expect(shown).toEqual([]);
});

test("nothing is shown after the turn", async () => {
  const { shown, show, passes, state } = showing();
  show("I");
  show("I think");
  state.isOver = true;
  await passes();
  expect(shown).toHaveLength(1);
});
