import { expect, test } from "vitest";
import { turns } from "./turns.ts";

const latch = () => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
};

test("work of one name runs in the order of the calls, and that of another name meanwhile", async () => {
  const { inTurn, waiting, idle } = turns();
  const { open, opened } = latch();
  const done: string[] = [];
  void inTurn("a", () => opened.then(() => done.push("a-1")));
  void inTurn("a", async () => done.push("a-2"));
  await inTurn("b", async () => done.push("b-1"));
  expect([done, waiting()]).toEqual([["b-1"], 2]);
  open();
  await idle();
  expect([done, waiting()]).toEqual([["b-1", "a-1", "a-2"], 0]);
});

test("failed work rejects its own call, and the next work still runs", async () => {
  const { inTurn } = turns();
  const failed = inTurn("a", () => Promise.reject(new Error("no")));
  const next = inTurn("a", async () => "done");
  await expect(failed).rejects.toThrow("no");
  expect(await next).toBe("done");
});
