import { randomUUID } from "node:crypto";
import { serverName } from "../host-tools/tool-names.ts";
import { serverFailureIn } from "../mcp-servers/server-failure.ts";
import type { ServerState } from "../provider.ts";
import { serversFrame, type ClaudeFrame, type ClaudeServer } from "./frames.ts";

/**
 * Follows the MCP servers of one process. Claude Code names those that failed at the begin of a turn, and why only when
 * it is asked (2.1.332).
 */
export const followServers = (
  report: (state: ServerState) => void,
  send: (frame: object) => void,
): ((frame: ClaudeFrame) => void) => {
  let asked = "";
  return (frame) => {
    if (frame.type !== "begun" && frame.type !== "servers") return;
    const servers = frame.servers.filter(({ name }) => name !== serverName);
    for (const { name, status } of servers) if (status === "connected") report({ name, failure: null });
    const failed = servers.filter(({ status }) => status === "failed" || status === "needs-auth");
    if (frame.type === "servers") return failed.forEach((server) => report(failureOf(server)));
    const names = failed.map(({ name }) => name).join("\n");
    if (names !== "" && names !== asked) send(serversFrame(randomUUID()));
    asked = names;
  };
};

const failureOf = ({ name, status, error }: ClaudeServer): ServerState => ({
  name,
  failure: status === "needs-auth" ? "sign-in" : serverFailureIn(error),
});
