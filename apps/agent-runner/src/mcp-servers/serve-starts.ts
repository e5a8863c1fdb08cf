import process from "node:process";
import { serveSocket } from "@gatehouse/socket-server";
import { fail, ok, type Result } from "@gatehouse/std";
import type { McpServer } from "../container-json.ts";
import type { ServerStart } from "./with-secrets.ts";

/** The first argument with which the runner's own file starts a server that needs secrets. */
export const launcherWord = "mcp-server";

/** The program that a CLI starts in the place of a server: it asks the runner's socket what to start. */
export const launcherFor = (socket: string, name: string): Pick<McpServer, "command" | "args"> => ({
  command: process.execPath,
  args: [process.argv[1] ?? "", launcherWord, socket, name],
});

export type ServeStartsOptions = {
  /** The path of the socket, in a folder that only this account can enter. */
  readonly path: string;
  readonly starts: ReadonlyMap<string, ServerStart>;
  readonly report: (error: unknown) => void;
};

/** Tells launchers what to start, as long as the runner lives. Returns a function that stops it. */
export const serveStarts = async ({
  path,
  starts,
  report,
}: ServeStartsOptions): Promise<Result<() => void, string>> => {
  const answer = async (frame: unknown): Promise<{ readonly start: ServerStart | null }> => {
    const { name } = (frame ?? {}) as { readonly name?: unknown };
    return { start: typeof name === "string" ? (starts.get(name) ?? null) : null };
  };
  const served = await serveSocket({ path, answer, report });
  if (!served.ok) return fail(`The MCP servers cannot be served at ${path} (${served.error.code}).`);
  return ok(() => void served.value.close());
};
