import process from "node:process";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/sdk/types.js";
import type { ServerStart } from "./with-secrets.ts";

/**
 * Passes messages between the CLI, on this process's streams, and a server's address, with the headers of its start.
 * The transport follows no redirect to another origin, which would get the headers. Resolves when the CLI has ended
 * the connection: with null, or with why the address cannot be used, the rest of a sentence.
 */
export const connectAddress = async ({
  url,
  headers,
}: Extract<ServerStart, { readonly url: string }>): Promise<string | null> => {
  const server = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { ...headers } },
  });
  const cli = new StdioServerTransport();
  let initialize: RequestId | null = null;
  server.onmessage = (message) => {
    const version = versionIn(message, initialize);
    if (version !== null) server.setProtocolVersion(version);
    void cli.send(message);
  };
  server.onerror = (error) => void process.stderr.write(`error: ${url}: ${error.message}\n`);
  cli.onmessage = (message) => {
    if ("method" in message && "id" in message && message.method === "initialize") initialize = message.id;
    server.send(message).catch((error: unknown) => {
      const refusal = refusalOf(message, url, error);
      if (refusal !== null) void cli.send(refusal);
    });
  };
  await server.start();
  await cli.start();
  await new Promise((resolve) => process.stdin.once("end", resolve));
  await server.close();
  return null;
};

/** The version that the server chose, from its answer to `initialize`; later requests name it in a header. */
const versionIn = (message: JSONRPCMessage, initialize: RequestId | null): string | null => {
  if (!("result" in message) || message.id !== initialize) return null;
  const { protocolVersion } = message.result;
  return typeof protocolVersion === "string" ? protocolVersion : null;
};

/** The answer to a request that did not reach the server, so that the CLI does not wait for it; null for none. */
const refusalOf = (message: JSONRPCMessage, url: string, error: unknown): JSONRPCMessage | null => {
  if (!("method" in message) || !("id" in message)) return null;
  const text = `${url} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  return { jsonrpc: "2.0", id: message.id, error: { code: -32_000, message: text } };
};
