import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Central } from "@gatehouse/central-database";
import { addRow, openedCentral, temporaryFolder } from "@gatehouse/central-database/testing";
import { ok } from "@gatehouse/std";
import { gatewayTokenOf } from "@gatehouse/session-rows/messages";
import { issueToken, openHostSide, revokeTokens, sessionSignals } from "@gatehouse/session-rows";
import { expect, onTestFinished } from "vitest";
import type { Meter } from "./forward/meter.ts";
import { serveGateway, type GatewayOptions } from "./forward/serve-gateway.ts";

/** A request as the vendor received it. */
export type Received = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

export type Answering = (received: Received, response: ServerResponse) => void | Promise<void>;

export const textOf = async (message: IncomingMessage): Promise<string> => {
  let text = "";
  for await (const part of message.setEncoding("utf8")) text += String(part);
  return text;
};

export type VendorServer = {
  readonly url: URL;
  readonly received: readonly Received[];
  readonly server: Server;
};

/** A vendor on loopback. It keeps what it received. */
export const vendorServer = async (answer: Answering): Promise<VendorServer> => {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    void textOf(request).then(async (body) => {
      received.push({ method, url, headers, body });
      await answer({ method, url, headers, body }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), received, server };
};

export const vendorKey: string = "sk-ant-api03-the-hosts-own-key";

/** Answers with a message of three tokens. */
export const answerHello: Answering = (_, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ content: [], usage: { input_tokens: 2, output_tokens: 1 } }));
};

export type Asked = {
  readonly method?: string;
  readonly path?: string;
  /** A null header is not sent. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: string | object;
};

type Recording = {
  readonly meter: Meter;
  readonly reserved: readonly unknown[];
  readonly settled: readonly unknown[];
};

/** Counts nothing, and remembers what was reserved and settled. */
const recordingMeter = (): Recording => {
  const [reserved, settled]: [unknown[], unknown[]] = [[], []];
  const meter: Meter = {
    reserve: async ({ tokens }) => {
      reserved.push(tokens);
      return ok(async (used) => void settled.push(used));
    },
  };
  return { meter, reserved, settled };
};

export type Answered = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
};

export type GatewayFixture = Recording & {
  readonly dataDir: string;
  readonly central: Central;
  readonly vendor: VendorServer;
  /** The gateway's socket. */
  readonly path: string;
  /** The gateway token of the session se-1, and the token from which it is derived. */
  readonly token: string;
  readonly wireToken: string;
  readonly ask: (asked?: Asked) => Promise<Answered>;
  /** Resolves with the head of the answer. */
  readonly open: (asked?: Asked) => Promise<IncomingMessage>;
  readonly issue: (incarnation: number) => Promise<string>;
  /** Ends the session's incarnation. */
  readonly revoke: () => Promise<void>;
};

/** A gateway with a database, a session of the group ag-1, its token, and a vendor on loopback. */
export const gatewayFixture = async (
  answer: Answering = answerHello,
  more: Partial<GatewayOptions> = {},
  meterOf?: (central: Central) => Meter,
): Promise<GatewayFixture> => {
  const dataDir = temporaryFolder();
  const central = await openedCentral(dataDir);
  const { db, loop, reading } = central;
  await addRow(db, "agent_groups", { id: "ag-1" });
  await addRow(db, "messaging_groups", { id: "mg-1" });
  await addRow(db, "sessions", { id: "se-1", agent_group_id: "ag-1" });
  const side = openHostSide({ db: loop, signals: sessionSignals(), sessionId: "se-1", token: 1 });
  const issue = async (incarnation: number): Promise<string> => {
    const issued = await side.transact(issueToken(incarnation));
    return issued.ok ? issued.value : expect.fail(issued.error.message);
  };
  const wireToken = await issue(1);
  const token = gatewayTokenOf(wireToken);
  const vendor = await vendorServer(answer);
  const recording = recordingMeter();
  const path = join(dataDir, "gateway.sock");
  const served = await serveGateway({
    path,
    reading,
    meter: meterOf?.(central) ?? recording.meter,
    upstreams: () => ({ anthropic: vendor.url, openai: vendor.url, google: vendor.url }),
    keyOf: async () => ok(vendorKey),
    report: (error) => expect.fail(String(error)),
    ...more,
    limits: { checkEveryMs: 50, ...more.limits },
  });
  if (!served.ok) expect.fail(served.error.code);
  onTestFinished(served.value.close);
  const open = ({ method = "POST", path: target = "/v1/messages", headers, body }: Asked = {}) => {
    const all = { "anthropic-version": "2023-06-01", authorization: `Bearer ${token}`, ...headers };
    const request = httpRequest({
      socketPath: path,
      method,
      path: target,
      agent: false,
      headers: Object.fromEntries(
        Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
      ),
    });
    const text = typeof body === "string" ? body : JSON.stringify(body ?? hello);
    request.end(method === "POST" ? text : undefined);
    return new Promise<IncomingMessage>((resolve, reject) =>
      request.once("response", resolve).once("error", reject),
    );
  };
  const ask = async (asked: Asked = {}) => {
    const response = await open(asked);
    const text = await textOf(response);
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  };
  const revoke = () => revokeTokens(loop, { sessionId: "se-1", incarnation: 1 });
  return { dataDir, central, vendor, ask, open, path, token, wireToken, issue, revoke, ...recording };
};

export const hello: object = { model: "claude-sonnet-4-5", max_tokens: 100, messages: [] };
