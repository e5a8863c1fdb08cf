import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * Runs Node with these arguments in place of this process: with its streams and its signals, and this process exits with
 * the same code. A terminal sends Ctrl-C to the whole process group, so that SIGINT is not passed on.
 */
export function runNode(args, options = {}) {
  const child = spawn(process.execPath, args, { stdio: "inherit", ...options });
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal];
  });
}
