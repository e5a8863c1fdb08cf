import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { processesWith } from "./marked-processes.ts";

const started = async (env: Readonly<Record<string, string>>): Promise<number> => {
  const source = "console.log('up'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ["-e", source], {
    env,
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child.pid ?? 0;
};

test("processesWith finds only processes that were started with the variable, in any session", async ({
  skip,
}) => {
  skip(process.platform !== "linux", "the variables of a process are read from /proc");
  const id = randomUUID();
  const marked = await started({ FIRST: "1", MARK: id });
  await started({ MARK: `${id}0` });
  await started({ OTHER_MARK: id });
  expect(processesWith("MARK", id)).toEqual([marked]);
  expect(processesWith("MARK", randomUUID())).toEqual([]);
});
