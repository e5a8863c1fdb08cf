/** The name under which agents see the MCP server of the host tools. A group's own server cannot have it. */
export const serverName = "gatehouse";

/** The names of its tools. */
export const toolNames = {
  send: "send_message",
  ncl: "ncl",
  install: "install_packages",
  mcp: "add_mcp_server",
} as const;

/** A host tool as the runner's CLIs name it, in requests to the model and in questions. */
export const fullName = (tool: string): string => `mcp__${serverName}__${tool}`;

/** The full names. No person is asked for these tools: the host decides about each call. */
export const hostToolNames: readonly string[] = Object.values(toolNames).map(fullName);

/** The first argument with which the runner's own file is the program of that server. */
export const programWord = "host-tools";
