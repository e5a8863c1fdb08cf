import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { attachmentLimits } from "../../decisions/named-files.ts";
import type { AgentFiles } from "../files/agent-files.ts";
import type { FileError } from "../files/file-chunks.ts";

/** The path of a file: `/files/MESSAGE/NAME`, each part percent-encoded. */
export const filePath = (messageId: string, name: string): string =>
  `/files/${encodeURIComponent(messageId)}/${encodeURIComponent(name)}`;

export type FileServerOptions = {
  /** The files of the session that a token belongs to; null for a token that is unknown or over. */
  readonly open: (token: string, request: IncomingMessage) => Promise<AgentFiles | null>;
  /** An error of ours while a request was served. */
  readonly report: (error: unknown) => void;
};

/** A body that brings nothing for this long is given up, ms. */
const stalledMs = 30_000;

/** Requests of one token at once. A runner has one. */
const mostRequests = 4;

/** Serves files of messages on the HTTP server of the wire: GET and PUT, with the workload's token as the bearer. */
export const serveFiles = ({ open, report }: FileServerOptions): RequestListener => {
  const underWay = new Map<string, number>();
  const count = (token: string, by: 1 | -1): number => {
    const now = (underWay.get(token) ?? 0) + by;
    if (now === 0) underWay.delete(token);
    else underWay.set(token, now);
    return now;
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const named = namedIn(request.url ?? "");
    if (named === null) return refuse(response, 404, "There is no such path.");
    const token = tokenIn(request);
    const files = await open(token, request);
    if (files === null) return refuse(response, 401, "The host does not know this token, or it is over.");
    try {
      if (count(token, 1) > mostRequests)
        return refuse(response, 429, `More than ${mostRequests} requests of this token are under way.`);
      await serveFile(request, response, files, named);
    } finally {
      count(token, -1);
    }
  };
  return (request, response) => {
    request.setTimeout(stalledMs, () => request.destroy());
    serve(request, response).catch((error: unknown) => {
      // A body or an answer that broke off is the agent's end: it asks again.
      if (!request.destroyed && !response.destroyed) report(error);
      response.destroy();
    });
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
  // Node ends a body that is shorter than was said with an error.
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
  unusable: 503,
};

/** The connection ends with it: what is left of the body is not read. */
const refuse = (response: ServerResponse, status: number, message: string): void => {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" });
  response.end(`${message}\n`);
};
