import { spawn } from "node:child_process";
import process from "node:process";
import { systemCode } from "@gatehouse/std";
import type { ServerStart } from "./with-secrets.ts";

const forwarded = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * Runs a server's program on this process's own streams, and ends as it ends. Returns why it cannot be started, the
 * rest of a sentence; null if it was.
 */
export const runProgram = ({
  command,
  args,
  env,
}: Extract<ServerStart, { readonly command: string }>): Promise<string | null> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: "inherit" });
    for (const signal of forwarded) process.on(signal, () => void child.kill(signal));
    child.once("error", (error) => resolve(`${command} cannot be run (${systemCode(error)}).`));
    child.once("exit", (code, signal) => {
      for (const each of forwarded) process.removeAllListeners(each);
      if (signal !== null) process.kill(process.pid, signal);
      process.exitCode = code ?? 1;
      resolve(null);
    });
  });
