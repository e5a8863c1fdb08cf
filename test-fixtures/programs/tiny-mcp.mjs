#!/usr/bin/env node
// An MCP server on stdio with one tool, `greet`, that answers with its arguments. With TINY_RESOURCES it has resources too: each
// address is one, whose text has that address.
import { createInterface } from "node:readline";
import process from "node:process";

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {}, ...(process.env.TINY_RESOURCES === undefined ? {} : { resources: {} }) },
    serverInfo: { name: "tiny", version: "1" },
  }),
  "tools/list": () => ({ tools: [{ name: "greet", description: "Greets.", inputSchema: { type: "object", properties: {} } }] }),
  "resources/list": () => ({ resources: [{ uri: "tiny://one", name: "one" }] }),
  "resources/templates/list": () => ({ resourceTemplates: [] }),
  "resources/read": ({ uri }) => ({ contents: [{ uri, text: `the resource ${uri}` }] }),
  "tools/call": ({ arguments: values }) => ({ content: [{ type: "text", text: `hello ${JSON.stringify(values ?? {})}` }] }),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = answers[method]?.(params ?? {}) ?? {};
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
});
