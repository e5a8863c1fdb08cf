import { expect, test } from "vitest";
import { serverFailureIn } from "./server-failure.ts";

test.for([
  ['Executable not found in $PATH: "stdio"', "not-found"],
  [
    "MCP client for `w` failed to start: MCP startup failed: No such file or directory (os error 2)",
    "not-found",
  ],
  ['MCP server "hang" connection timed out after 30000ms', "silent"],
  ["MCP client for `hang` timed out after 5 seconds. Add or adjust `startup_timeout_sec`", "silent"],
  ["Connection closed", "ended"],
  ["Send message error Transport [...] error: Broken pipe (os error 32), when send initialize", "ended"],
  ["ECONNREFUSED: Unable to connect. Is the computer able to access the url?", "unreachable"],
  ["Client error: error sending request for url (http://127.0.0.1:1/mcp), when send", "unreachable"],
  ["a new text", "unknown"],
  ["", "unknown"],
] as const)("%s is %s", ([words, failure]) => expect(serverFailureIn(words)).toBe(failure));
