import { spawn } from "node:child_process";
import { connect } from "node:net";
import process from "node:process";
import { text as textOf } from "node:stream/consumers";
import { fail, ok, parseJson, systemCode, type Result } from "@gatehouse/std";
import { connectAddress } from "./connect-address.ts";
import type { ServerStart } from "./with-secrets.ts";

/**
 * The program that a CLI starts in the place of an MCP server that needs secrets. It gets them from the runner's
 * socket, so they are in no file and in no argument, and then is that server for the CLI.
 */
export const launchServer = async (socket: string, name: string): Promise<void> => {
  const start = await askForStart(socket, name);
  const failed = start.ok
    ? await ("url" in start.value ? connectAddress(start.value) : runProgram(start.value))
    : start.error;
  if (failed === null) return;
  process.stderr.write(`error: The MCP server ${name} cannot be started: ${failed}\n`);
  process.exitCode = 1;
};

const askForStart = async (socket: string, name: string): Promise<Result<ServerStart, string>> => {
  try {
    const connection = connect(socket);
    connection.end(`${JSON.stringify({ name })}\n`);
    const { start = null } = (parseJson(await textOf(connection)) ?? {}) as { start?: ServerStart | null };
    return start === null ? fail("the agent's runner does not know it.") : ok(start);
  } catch (error) {
    return fail(`the agent's runner cannot be reached at ${socket} (${systemCode(error)}).`);
  }
};

const forwarded = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * Runs a server's program on this process's own streams, and ends as it ends. Returns why it cannot be started, the
 * rest of a sentence; null if it was.
 */
const runProgram = ({
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
