import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Chat } from "./chat.ts";

const program = fileURLToPath(new URL("bare-end.ts", import.meta.url));

type End = {
  readonly say: (line: string) => void;
  readonly lines: Interface;
  readonly stop: () => Promise<void>;
};

const startEnd = async (role: "host" | "agent", folder: string): Promise<End> => {
  const child = spawn(process.execPath, [...process.execArgv, program, role, folder], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  await once(lines, "line");
  return {
    say: (line) => void child.stdin.write(`${line}\n`),
    lines,
    stop: async () => {
      const closed = once(child, "close");
      child.stdin.end();
      await closed;
    },
  };
};

/** Starts two processes that only do a session's commits (bare-end.ts). */
export const startBarePair = async (): Promise<Pick<Chat, "roundTrip"> & { dispose(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), "bench-pair-"));
  for (const part of ["in", "out"]) await mkdir(join(folder, part));
  const host = await startEnd("host", folder);
  const agent = await startEnd("agent", folder);
  let count = 0;
  return {
    roundTrip: async (text) => {
      const line = `${(count += 1)} ${text}`;
      const startedAt = performance.now();
      host.say(line);
      const [answer] = (await once(host.lines, "line")) as [string];
      if (answer !== line) throw new Error(`not the answer to "${line}": ${answer}`);
      return performance.now() - startedAt;
    },
    dispose: async () => {
      await Promise.all([host.stop(), agent.stop()]);
      await rm(folder, { recursive: true });
    },
  };
};
