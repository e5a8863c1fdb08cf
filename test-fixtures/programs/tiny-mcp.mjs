#!/usr/bin/env node
// An MCP server on stdio with one tool, `greet`, that answers with its arguments.
import { createInterface } from "node:readline";
import process from "node:process";

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "tiny", version: "1" },
  }),
  "tools/list": () => ({ tools: [{ name: "greet", description: "Greets.", inputSchema: { type: "object", properties: {} } }] }),
  "tools/call": ({ arguments: values }) => ({ content: [{ type: "text", text: `hello ${JSON.stringify(values ?? {})}` }] }),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = answers[method]?.(params ?? {}) ?? {};
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
});
