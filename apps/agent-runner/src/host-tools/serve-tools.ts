import { once } from "node:events";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { listenOnSocket } from "@gatehouse/socket-server";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { HostTools } from "./host-tools.ts";
import { programWord } from "./tool-names.ts";

/** A program that a CLI starts as its MCP server. */
export type ToolProgram = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

export const toolProgram = (socket: string): ToolProgram => ({
  command: process.execPath,
  args: [process.argv[1] ?? "", programWord, socket],
  env: {},
});

/** A CLI starts one program, and subagents of some CLIs one more each. */
const maxConnections = 64;

export type ServeToolsOptions = {
  /** The path of the socket, in a folder that only this account can enter. */
  readonly path: string;
  /** The tools of the running turn. */
  readonly current: () => HostTools | null;
  readonly report: (error: unknown) => void;
};

/** Serves the tools to programs of the agent, as MCP on a Unix socket. Returns a function that stops it. */
export const serveTools = async ({
  path,
  current,
  report,
}: ServeToolsOptions): Promise<Result<() => void, string>> => {
  const open = new Set<Socket>();
  const accept = (socket: Socket): void => {
    open.add(socket);
    socket.on("error", () => {});
    socket.once("end", () => socket.end());
    socket.once("close", () => open.delete(socket));
    serveOne(socket, current).catch(report);
  };
  const listening = await listenOnSocket({ path, maxConnections, accept, report });
  if (!listening.ok) return fail(`The tools cannot be served at ${path} (${listening.error.code}).`);
  return ok(() => {
    void listening.value.close();
    for (const socket of open) socket.destroy();
  });
};

/** The SDK is loaded with the first connection: the start of a runner need not wait for it. */
const serveOne = async (socket: Socket, current: ServeToolsOptions["current"]): Promise<void> => {
  const [{ StdioServerTransport }, { toolServer }] = await Promise.all([
    import("@modelcontextprotocol/sdk/server/stdio.js"),
    import("./tool-server.ts"),
  ]);
  if (socket.destroyed) return;
  const server = toolServer(current);
  const closed = once(socket, "close");
  await server.connect(new StdioServerTransport(socket, socket));
  await closed;
  await server.close();
};

/**
 * The program that a CLI starts as its MCP server: it passes its standard input and output on to the runner's socket,
 * and ends with either.
 */
export const relayTools = (path: string): void => {
  const socket = connect(path);
  socket.on("error", (error) => {
    process.stderr.write(`error: The agent's runner cannot be reached at ${path} (${systemCode(error)}).\n`);
    process.exitCode = 1;
    process.stdin.destroy();
  });
  socket.once("close", () => process.stdin.destroy());
  process.stdin.pipe(socket).pipe(process.stdout);
};
