import { appendFileSync } from "node:fs";
import process from "node:process";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { serverTool } from "./trial-model.ts";

/** As the host's own tools: Claude Code hides others behind a search (2.1.328). */
const alwaysLoaded = { "anthropic/alwaysLoad": true };

/** The MCP server of a trial: it notes in a file that it was started, whether it can read the key, and each call. */
export const runTryServer = async (notes: string, key: string): Promise<void> => {
  const note = (word: string): void => appendFileSync(notes, `${word}\n`);
  const server = new McpServer({ name: "gatehouse-try", version: "1" });
  server.registerTool(serverTool, { description: "Greets.", _meta: alwaysLoaded }, () => {
    note("called");
    return { content: [{ type: "text", text: "hi" }] };
  });
  note("started");
  if (Object.values(process.env).includes(key)) note("has-key");
  await server.connect(new StdioServerTransport());
};
