import { rmSync } from "node:fs";
import { onTestFinished } from "vitest";
import type { ContainerRuntime } from "../runtime.ts";

/** Keeps the runtimes of one test. Their containers are ended, and the folder removed, when the test has finished. */
export const ownRuntimes = (folder: string) => {
  const runtimes: ContainerRuntime[] = [];
  onTestFinished(async () => {
    for (const runtime of runtimes) {
      const running = await runtime.running();
      if (running.ok) await Promise.all(running.value.map((it) => it.kill(0)));
      await runtime.close();
    }
    rmSync(folder, { recursive: true, force: true });
  });
  return (runtime: ContainerRuntime): ContainerRuntime => {
    runtimes.push(runtime);
    return runtime;
  };
};
