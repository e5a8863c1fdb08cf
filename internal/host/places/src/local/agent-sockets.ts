import { linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { agentSocketsIn } from "./agent-image.ts";

/**
 * The folder that contains only the sockets that agents in containers connect to. It stays mounted while a container runs,
 * so that the next host can put its own sockets there.
 */
export type AgentSockets = {
  /** Creates the folder. Every account may enter it: every account may open these sockets. */
  readonly make: () => void;
  /** Hard-links the sockets into the folder. The sockets have to listen already. */
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
        // A rename replaces the last host's socket; a link would fail with EEXIST.
        renameSync(unnamed, name);
      }
    },
  };
};
