import { linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { agentSocketsIn } from "./agent-image.ts";

/**
 * The folder with the sockets that agents in containers dial, and nothing else. A container sees it for as long as it runs:
 * the next host puts its own sockets there.
 */
export type AgentSockets = {
  /** Makes the folder. Every account may enter it, as every account may open these sockets. */
  readonly make: () => void;
  /** Gives the sockets, which are open, their second names there. */
  readonly publish: () => void;
};

export const agentSockets = (dataDir: string, sockets: readonly string[]): AgentSockets => {
  const folder = agentSocketsIn(dataDir);
  return {
    make: () => void mkdirSync(folder, { recursive: true, mode: 0o755 }),
    publish: () => {
      for (const socket of sockets) {
        const name = join(folder, basename(socket));
        const unnamed = `${name}.new`;
        rmSync(unnamed, { force: true });
        linkSync(socket, unnamed);
        // A rename replaces the last host's socket; a link would not.
        renameSync(unnamed, name);
      }
    },
  };
};
