import type { Failure } from "./io.ts";

/**
 * The error of a program that holds agents or listens on a socket, on this platform; null if it can run. Windows
 * has no process groups, which end an agent with all its processes, and no sockets that only their owner may
 * open.
 */
export const platformProblem = (name: string, platform: NodeJS.Platform): Failure | null =>
  platform === "win32"
    ? {
        code: "unsupported-platform",
        message: `${name} does not run on Windows: it needs process groups, and sockets that only their owner may open.`,
        fix: "Run it on Linux or macOS, or in WSL 2. workspace-trust does not need them.",
      }
    : null;
