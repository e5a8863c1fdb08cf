#!/usr/bin/env node
// An MCP server on stdio with one tool, `reveal`, that answers with the SHA-256 of its variable TOKEN, which it never prints, and
// with its variable PLAIN. So a test sees which secret it got, and may search every output for the secret itself. The tool `die`
// ends it by SIGKILL.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import process from "node:process";

const { TOKEN = "", PLAIN = "" } = process.env;
const text = `token ${createHash("sha256").update(TOKEN).digest("hex")} plain ${PLAIN} pid ${process.pid}`;
const tool = (name) => ({ name, description: `${name}s.`, inputSchema: { type: "object", properties: {} } });

const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "secret", version: "1" },
  }),
  "tools/list": () => ({ tools: [tool("reveal"), tool("die")] }),
  "tools/call": ({ name }) => {
    if (name === "die") process.kill(process.pid, "SIGKILL");
    return { content: [{ type: "text", text }] };
  },
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = answers[method]?.(params ?? {}) ?? {};
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
});
