import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  JSONRPCMessageSchema,
  type JSONRPCMessage,
  type RequestId,
} from "@modelcontextprotocol/sdk/types.js";

/** A connection whose messages come one by one inside of another protocol, each with a reply of its own. */
export type ControlTransport = Transport & {
  /** Hands a message to the server. Resolves with its response, or with an empty one for a notification. */
  readonly deliver: (message: unknown) => Promise<object>;
};

export const controlTransport = (): ControlTransport => {
  const waiting = new Map<RequestId, (response: JSONRPCMessage) => void>();
  const transport: ControlTransport = {
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
    send: (message) => {
      // The protocol carries no requests or notifications of the server; the client needs none of them.
      if (!("method" in message) && message.id !== undefined) waiting.get(message.id)?.(message);
      return Promise.resolve();
    },
    deliver: async (message) => {
      const parsed = JSONRPCMessageSchema.safeParse(message);
      if (!parsed.success) return refused;
      const { data } = parsed;
      const isRequest = "method" in data && "id" in data;
      const response = isRequest
        ? new Promise<JSONRPCMessage>((resolve) => waiting.set(data.id, resolve))
        : Promise.resolve(empty);
      transport.onmessage?.(data);
      const answered = await response;
      if (isRequest) waiting.delete(data.id);
      return answered;
    },
  };
  return transport;
};

const empty = { jsonrpc: "2.0", result: {} } as unknown as JSONRPCMessage;
const refused = {
  jsonrpc: "2.0",
  id: null,
  error: { code: -32_600, message: "This is no JSON-RPC message." },
};
