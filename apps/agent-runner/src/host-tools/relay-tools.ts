import { connect } from "node:net";
import process from "node:process";
import { systemCode } from "@gatehouse/std";

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
