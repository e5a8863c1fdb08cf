import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Stop } from "@trust/dialog-engine";

/** Plain Node, so that it is the same file beside the sources and beside the build. */
const guard = fileURLToPath(new URL("../bin/guard.js", import.meta.url));

/**
 * Sees to it that an agent's process group does not outlive this process, not even one that is killed: another process waits
 * for that. `onUnguarded` is told where it cannot be started. Windows has no groups.
 */
export const guardAgent = (group: number, onUnguarded: (detail: string) => void): Stop => {
  if (process.platform === "win32") return () => {};
  const child = spawn(process.execPath, [guard, String(group)], {
    cwd: "/",
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.on("error", ({ message }) => onUnguarded(message));
  return () => void child.kill("SIGKILL");
};
