#!/usr/bin/env node
// An MCP server by HTTP on the loopback with one tool, `greet`, that answers with its arguments. Prints its address, and ends
// with its standard input.
import http from "node:http";
import process from "node:process";

const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "tiny", version: "1" } }),
  "tools/list": () => ({ tools: [{ name: "greet", description: "Greets.", inputSchema: { type: "object", properties: {} } }] }),
  "tools/call": ({ arguments: values }) => ({ content: [{ type: "text", text: `hello ${JSON.stringify(values ?? {})}` }] }),
};

const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const { id, method, params } = request.method === "POST" ? JSON.parse(body) : {};
  if (id === undefined) return response.writeHead(request.method === "POST" ? 202 : 405).end();
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ jsonrpc: "2.0", id, result: answers[method]?.(params ?? {}) ?? {} }));
});

server.listen(0, "127.0.0.1", () => process.stdout.write(`http://127.0.0.1:${server.address().port}/mcp\n`));
process.stdin.on("end", () => process.exit(0)).resume();
