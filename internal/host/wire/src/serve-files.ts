import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { attachmentLimits } from "@gatehouse/session-rows/messages";
import type { AgentFiles, FileError } from "@gatehouse/session-rows";
import { tokenBucket, type TokenBucket } from "./token-bucket.ts";

/** The path of a file: `/files/MESSAGE/NAME`, each part percent-encoded. */
export const filePath = (messageId: string, name: string): string =>
  `/files/${encodeURIComponent(messageId)}/${encodeURIComponent(name)}`;

export type FileServerOptions = {
  /** The files of the session that a token belongs to; null if the token is unknown or revoked. */
  readonly open: (token: string, request: IncomingMessage) => Promise<AgentFiles | null>;
  /** Called with a bug of this program that a request uncovered. */
  readonly report: (error: unknown) => void;
};

/** A request whose body stalls for this long is aborted, ms. */
const stalledMs = 30_000;

/**
 * Serves files of messages on the HTTP server of the wire: GET and PUT, with the workload's token as the bearer, one
 * request a connection.
 */
export const serveFiles = ({ open, report }: FileServerOptions): RequestListener => {
  const requests = boundedRequests();
  const tokens = new WeakMap<Socket, string>();
  const serve = async (request: IncomingMessage, response: ServerResponse, token: string): Promise<void> => {
    const named = namedIn(request.url ?? "");
    if (named === null) return refuse(response, 404, "There is no such path.");
    if (requests.areTooMany(token)) return refuse(response, 429, tooMany);
    const files = await open(token, request);
    if (files === null) return refuse(response, 401, "The host does not know this token, or it is over.");
    if (request.method === "PUT") request.socket.resume();
    const done = requests.begin(token);
    await serveFile(request, response, files, named).finally(done);
  };
  return (request, response) => {
    const { socket } = request;
    const shown = tokens.get(socket);
    if (shown !== undefined) {
      requests.ban(shown);
      return void socket.destroy();
    }
    const token = tokenIn(request);
    tokens.set(socket, token);
    response.shouldKeepAlive = false;
    // Only the body of the served request may be read. Otherwise Node would also read and serve the data
    // behind it.
    process.nextTick(() => socket.pause());
    request.setTimeout(stalledMs, () => request.destroy());
    serve(request, response, token).catch((error: unknown) => {
      // If the body or the answer broke off, the agent has disconnected and will ask again.
      if (!request.destroyed && !response.destroyed) report(error);
      response.destroy();
    });
  };
};

/** Limits for the requests of one token. A runner makes one at a time, and one for each file of a message. */
const requestLimits = { atOnce: 4, perSecond: 20, burst: 100, banSeconds: 5 } as const;

const tooMany = `More than ${requestLimits.atOnce} requests of this token at once, or ${requestLimits.perSecond} a second.`;

/** Counts the requests of known tokens. Nothing is stored for unknown ones. */
const boundedRequests = () => {
  const { atOnce, perSecond, burst, banSeconds } = requestLimits;
  const tokens = new Map<string, { underWay: number; readonly bucket: TokenBucket }>();
  const added = (token: string) => {
    const now = performance.now();
    // This also removes the entries of agents that are gone.
    for (const [other, { underWay, bucket }] of tokens)
      if (underWay === 0 && bucket.left(now) === burst) tokens.delete(other);
    const entry = { underWay: 0, bucket: tokenBucket(requestLimits, now) };
    tokens.set(token, entry);
    return entry;
  };
  return {
    areTooMany: (token: string): boolean => {
      const entry = tokens.get(token);
      if (entry === undefined) return false;
      return entry.underWay >= atOnce || entry.bucket.left(performance.now()) < 1;
    },
    /**
     * For a client that sends more than its request: Node serves all requests in one piece of data before it
     * does anything else.
     */
    ban: (token: string): void => {
      const now = performance.now();
      const bucket = tokens.get(token)?.bucket;
      bucket?.spend(bucket.left(now) + banSeconds * perSecond, now);
    },
    /** Returns a function to call when the request has ended. */
    begin: (token: string): (() => void) => {
      const entry = tokens.get(token) ?? added(token);
      entry.underWay += 1;
      entry.bucket.spend(1, performance.now());
      return () => void (entry.underWay -= 1);
    },
  };
};

const serveFile = async (
  request: IncomingMessage,
  response: ServerResponse,
  files: AgentFiles,
  { messageId, name }: Named,
): Promise<void> => {
  if (request.method === "GET") {
    const found = await files.get(messageId, name);
    if (!found.ok) return refuse(response, statusOf(found.error), found.error.detail);
    response.writeHead(200, {
      "content-type": "application/octet-stream",
      "content-length": found.value.size,
    });
    return pipeline(found.value.content(), response);
  }
  if (request.method !== "PUT") return refuse(response, 405, "Use GET or PUT.");
  const length = Number(request.headers["content-length"] ?? Number.NaN);
  if (!Number.isSafeInteger(length)) return refuse(response, 411, "Say the file's length.");
  if (length > attachmentLimits.bytes)
    return refuse(response, 413, `${length} bytes, and ${attachmentLimits.bytes} are the most`);
  // Node ends a body that is shorter than announced with an error.
  const put = await files.put(messageId, { name, content: request });
  if (!put.ok) return refuse(response, statusOf(put.error), `${put.error.code}: ${put.error.detail}`);
  response.writeHead(204).end();
};

type Named = { readonly messageId: string; readonly name: string };

const namedIn = (url: string): Named | null => {
  const [, messageId, name] = /^\/files\/([^/?#]+)\/([^/?#]+)$/.exec(url) ?? [];
  if (messageId === undefined || name === undefined) return null;
  try {
    return { messageId: decodeURIComponent(messageId), name: decodeURIComponent(name) };
  } catch {
    return null;
  }
};

const tokenIn = ({ headers }: IncomingMessage): string =>
  /^Bearer (\S{1,500})$/.exec(headers.authorization ?? "")?.[1] ?? "";

const statusOf = ({ code }: FileError): number => statuses[code];

const statuses: Readonly<Record<FileError["code"], number>> = {
  "unsafe-id": 400,
  "unsafe-name": 400,
  missing: 404,
  "too-large": 413,
  fenced: 409,
  unreadable: 503,
  unusable: 503,
};

/** The connection closes with this response, and the rest of the body is not read. */
const refuse = (response: ServerResponse, status: number, message: string): void => {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
  response.end(`${message}\n`);
};
