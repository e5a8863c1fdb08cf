import { connect } from "node:net";
import process from "node:process";
import { text as textOf } from "node:stream/consumers";
import { fail, ok, parseJson, systemCode, type Result } from "@gatehouse/std";
import { connectAddress } from "./connect-address.ts";
import { runProgram } from "./run-program.ts";
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
