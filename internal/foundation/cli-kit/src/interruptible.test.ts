import process from "node:process";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { interruptible } from "./start-process.ts";

test("the signal of interruptible accepts any number of listeners without a warning", async () => {
  const warnings: Error[] = [];
  const keep = (warning: Error): void => void warnings.push(warning);
  process.on("warning", keep);
  onTestFinished(() => void process.off("warning", keep));
  const { signal } = interruptible([]);
  for (let count = 0; count < 30; count += 1) signal.addEventListener("abort", () => {});
  await turn();
  expect(warnings).toEqual([]);
});
