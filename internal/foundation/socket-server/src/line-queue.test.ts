import { Buffer } from "node:buffer";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { createLineQueue } from "./line-queue.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const heldBytes = (): number => {
  collect();
  return process.memoryUsage().arrayBuffers;
};

describe("a line queue", () => {
  test("returns lines in the order of arrival, and counts the waiting bytes", () => {
    const queue = createLineQueue();
    const given: (string | undefined)[] = [];
    const take = (): void => void given.push(queue.take()?.toString());
    for (const [index, text] of ["a", "bb", "ccc", "dddd", "eeeee"].entries()) {
      queue.put(Buffer.from(text));
      if (index % 2 === 1) take();
    }
    expect(queue.bytes()).toBe(12);
    for (let rest = 0; rest < 4; rest += 1) take();
    expect(given).toEqual(["a", "bb", "ccc", "dddd", "eeeee", undefined]);
    expect(queue.bytes()).toBe(0);
  });

  test("keeps no taken lines in memory, although it is never empty", () => {
    const queue = createLineQueue();
    const before = heldBytes();
    queue.put(Buffer.alloc(2 ** 20));
    for (let round = 0; round < 100; round += 1) {
      queue.put(Buffer.alloc(2 ** 20));
      queue.take();
    }
    expect(heldBytes() - before).toBeLessThan(20 * 2 ** 20);
    expect(queue.bytes()).toBe(2 ** 20);
  });
});
