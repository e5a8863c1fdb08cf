import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import process from "node:process";
import type { Contender, Measurement } from "../measurement.ts";

type Kilobytes = { readonly heap: number; readonly rss: number };

const child = fileURLToPath(new URL("./dialog-memory-child.ts", import.meta.url));

/** Starts a new process each time, since memory of an earlier run would be reused. */
const measured = async (kind: "bare" | "screen"): Promise<Kilobytes> => {
  const program = fork(child, [kind], { execArgv: [...process.execArgv, "--expose-gc"] });
  const [cost] = (await once(program, "message")) as [Kilobytes];
  return cost;
};

const contender = (name: string, kind: "bare" | "screen", of: keyof Kilobytes): Contender => ({
  name,
  run: async () => ({ ok: true, value: (await measured(kind))[of] }),
});

const dialogMemory = (of: keyof Kilobytes, label: string): Measurement => ({
  name: `memory-${of}`,
  title: `Memory of one open dialog on a screen of 120 x 40 cells, ${label}, over 200 of them`,
  unit: "KB",
  floor: "bare @xterm/headless",
  bounds: {},
  rounds: { full: 5, quick: 1 },
  prepare: async () => ({
    ok: true,
    value: { contenders: [contender("bare @xterm/headless", "bare", of), contender("screen", "screen", of)] },
  }),
});

export const heapPerDialog: Measurement = dialogMemory("heap", "JavaScript heap and array buffers");
export const rssPerDialog: Measurement = dialogMemory("rss", "resident memory");
