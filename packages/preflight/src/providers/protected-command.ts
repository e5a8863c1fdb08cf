/** The empty MCP configuration: `{}` alone is refused by Claude. */
export const emptyMcpConfig = '{"mcpServers":{}}\n';

/**
 * Starts Claude so that it asks for trust and does nothing else with the folder: no MCP servers, no settings of the
 * project, no hooks, no tools, no memory. Every version from 2.1.112 to 2.1.328 that was tried records trust with it.
 * A person's own flags, model or prompt have no place here.
 */
export const protectedArgs = (emptyMcpFile: string): readonly string[] => [
  "--bare",
  "--strict-mcp-config",
  "--mcp-config",
  emptyMcpFile,
  "--setting-sources",
  "user",
  "--settings",
  '{"disableAllHooks":true}',
  "--tools",
  "",
];
