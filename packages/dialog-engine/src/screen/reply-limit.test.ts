import { expect, test } from "vitest";
import { createReplyLimit } from "./reply-limit.ts";
import { createManualClock } from "../testing/manual-clock.ts";

test("createReplyLimit allows a hundred replies per second", () => {
  const clock = createManualClock();
  const mayReply = createReplyLimit(clock);
  const answered = (): number => Array.from({ length: 1_000 }, mayReply).filter(Boolean).length;
  expect(answered()).toBe(100);
  clock.advance(999);
  expect(answered()).toBe(0);
  clock.advance(1);
  expect(answered()).toBe(100);
});
