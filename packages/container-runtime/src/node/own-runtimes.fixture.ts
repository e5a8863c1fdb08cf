import { rmSync } from "node:fs";
import { onTestFinished } from "vitest";
import type { ContainerRuntime } from "../runtime.ts";

/** Registers the runtimes of one test. When it has finished, their containers are ended and the folder is removed. */
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
