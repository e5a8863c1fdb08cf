/** The empty MCP configuration; Claude rejects a bare `{}`. */
export const emptyMcpConfig = '{"mcpServers":{}}\n';

/**
 * Starts Claude so that it only asks for trust: no MCP servers, no project settings, no hooks, no tools, no memory. All
 * tested versions from 2.1.112 to 2.1.332 record trust with it. It uses none of a person's own flags, models or prompts.
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
