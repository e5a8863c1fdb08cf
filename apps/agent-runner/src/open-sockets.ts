import { mkdtempSync, rmdirSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, basename, dirname } from "node:path";
import { serveSocket } from "@gatehouse/socket-server";
import { fail, ok, type Result, systemCode } from "@gatehouse/std";
import type { AgentSide } from "@gatehouse/session-rows/messages";
import {
  serveTools,
  toolProgram,
  type ServeToolsOptions,
  type ToolProgram,
} from "./host-tools/serve-tools.ts";
import type { ContainerJson } from "./container-json.ts";
import type { Calls } from "./loop/calls.ts";
import { launcherFor, serveStarts } from "./mcp-servers/serve-starts.ts";
import { needSecrets, withSecrets, type SecretServers } from "./mcp-servers/with-secrets.ts";
import type { NclRelay } from "./ncl/relay.ts";

export type OpenSocketsOptions = {
  readonly side: Pick<AgentSide, "get" | "set" | "secrets">;
  readonly calls: Calls;
  readonly relay: NclRelay;
  readonly hostTools: ServeToolsOptions["current"];
  /** The MCP servers of the group, some of which may need secrets of the host. */
  readonly mcpServers: ContainerJson["mcpServers"];
  /** Called before the first turn with the folder of the sockets, which the agent's child processes need. */
  readonly onSocketFolder: (path: string) => void;
  readonly report: (error: unknown) => void;
};

/** The sockets by which the agent's programs reach the runner. */
export type OpenSockets = Pick<SecretServers, "servers" | "notes" | "leftOut"> & {
  readonly toolProgram: ToolProgram;
  readonly close: () => void;
};

/** The key for the path of the last container's socket folder, which stays after a kill -9. */
const folderKey = "ncl_folder";

/** Listens for `ncl`, for the host tools, and for launchers of MCP servers. An error is a sentence. */
export const openSockets = async (options: OpenSocketsOptions): Promise<Result<OpenSockets, string>> => {
  const { side, calls, relay, hostTools, onSocketFolder, report } = options;
  const left = await calls.persist(() => side.get(folderKey));
  if (typeof left === "string") removeSocketFolder(left);
  const made = makeSocketFolder();
  if (!made.ok) return made;
  const path = made.value;
  const socketOf = (name: keyof typeof socketNames): string => join(path, socketNames[name]);
  await calls.persist(() => side.set(folderKey, path, calls.now()));
  const server = await serveSocket({ path: socketOf("ncl"), answer: relay.answer, report });
  if (!server.ok) return fail(`ncl cannot be served at ${socketOf("ncl")} (${server.error.code}).`);
  const tools = await serveTools({ path: socketOf("tools"), current: hostTools, report });
  if (!tools.ok) return tools;
  const servers = await openServers(options, socketOf("servers"));
  if (!servers.ok) return servers;
  onSocketFolder(path);
  return ok({
    ...servers.value,
    toolProgram: toolProgram(socketOf("tools")),
    close: () => {
      relay.close();
      tools.value();
      servers.value.closeStarts();
      void server.value.close();
      removeSocketFolder(path);
    },
  });
};

/** Asks the host for secrets only if a server needs one. */
const openServers = async (
  { side, calls, mcpServers, report }: OpenSocketsOptions,
  path: string,
): Promise<
  Result<Pick<SecretServers, "servers" | "notes" | "leftOut"> & { readonly closeStarts: () => void }, string>
> => {
  const secrets = needSecrets(mcpServers) ? await calls.persist(() => side.secrets()) : {};
  const { starts, ...rest } = withSecrets(mcpServers, secrets, (name) => launcherFor(path, name));
  if (starts.size === 0) return ok({ ...rest, closeStarts: () => {} });
  const served = await serveStarts({ path, starts, report });
  return served.ok ? ok({ ...rest, closeStarts: served.value }) : served;
};

/** The names of the runner's sockets in their folder. */
export const socketNames = {
  /** For `ncl`, which looks for this name in a data folder. */
  ncl: "ncl.sock",
  /** By which the agent's CLI reaches the host tools. */
  tools: "tools.sock",
  /** By which launchers of MCP servers get their secrets. It is there only if one needs any. */
  servers: "mcp.sock",
} as const;

/**
 * Makes the private folder (0700) of the sockets, with a short path, because a socket's address has at most 107 bytes.
 * An error is a sentence: the folder for temporary files is missing, full or not writable.
 */
export const makeSocketFolder = (): Result<string, string> => {
  try {
    return ok(mkdtempSync(join(tmpdir(), "ncl-")));
  } catch (error) {
    return fail(`The folder for ncl cannot be made in ${tmpdir()} (${systemCode(error)}).`);
  }
};

/**
 * Removes a socket's folder only in the form in which it was made here: a folder of another process, or with
 * more than the sockets in it, stays. The path may come from a file that the agent can write.
 */
export const removeSocketFolder = (path: string): void => {
  if (dirname(path) !== tmpdir() || !/^ncl-[A-Za-z0-9]{6}$/.test(basename(path))) return;
  for (const name of Object.values(socketNames)) quietly(() => unlinkSync(join(path, name)));
  quietly(() => rmdirSync(path));
};

const quietly = (remove: () => void): void => {
  try {
    remove();
  } catch (error) {
    systemCode(error);
  }
};
