import { createReadStream, createWriteStream, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { systemCode } from "@gatehouse/std";
import type { TransportError, TransportResult } from "@gatehouse/session-rows/messages";
import { filePath } from "../serve-files.ts";

export type FileClientOptions = {
  /** Opens a stream to the host: a Unix socket's, or one of TLS. */
  readonly connect: () => Duplex;
  /** The workload's token. */
  readonly token: string;
};

/**
 * Transfers files of a session's messages over the wire. Both calls wait while the host is away. `unwritable`
 * may be retried; other errors are final.
 */
export type FileClient = {
  /** Sends the host a file of a message that will be sent. */
  readonly put: (messageId: string, name: string, path: string) => Promise<TransportResult<null>>;
  /** Writes a file that came with a message to this path, completely or not at all. */
  readonly get: (messageId: string, name: string, path: string) => Promise<TransportResult<null>>;
};

export const fileClient = (options: FileClientOptions): FileClient => ({
  put: (messageId, name, path) =>
    untilAnswered(async () => {
      const size = sizeOf(path);
      if (size === null) return gone;
      const answer = await asked(options, "PUT", filePath(messageId, name), { path, size });
      answer.resume();
      return done;
    }),
  get: (messageId, name, path) =>
    untilAnswered(async () => {
      const answer = await asked(options, "GET", filePath(messageId, name), null);
      const aside = `${path}.part`;
      try {
        await pipeline(answer, createWriteStream(aside, { mode: 0o600 }));
        await rename(aside, path);
      } finally {
        await rm(aside, { force: true });
      }
      return done;
    }),
});

const done: TransportResult<null> = { ok: true, value: null };

const gone: TransportResult<null> = {
  ok: false,
  error: { code: "unreadable", message: "The file is not there any more." },
};

/** Bytes; null if the file does not exist. */
const sizeOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.size ?? null;

type Body = { readonly path: string; readonly size: number };

/** The answer of a host that carried out the request. Throws a `Refused` for any other. */
const asked = async (
  { connect, token }: FileClientOptions,
  method: "GET" | "PUT",
  path: string,
  body: Body | null,
): Promise<IncomingMessage> => {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body === null ? {} : { "content-length": body.size }),
  };
  const request = httpRequest({
    createConnection: connect,
    host: "host",
    method,
    path,
    headers,
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
  // The host may answer and close the connection before it has read the whole body.
  const sent =
    body === null || body.size === 0
      ? Promise.resolve(request.end())
      : pipeline(createReadStream(body.path, { end: body.size - 1 }), request).catch(() => undefined);
  const answer = await answered;
  await sent;
  const { statusCode = 0 } = answer;
  if (statusCode < 300) return answer;
  throw new Refused(statusCode, (await text(answer)).trim());
};

class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The HTTP status of a host that already serves enough requests of this agent. */
const tooMany = 429;

/** Wait before a request to an unreachable or busy host is repeated, ms. */
const againMs = 500;

const untilAnswered = async (work: () => Promise<TransportResult<null>>): Promise<TransportResult<null>> => {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refused && error.status !== tooMany) return { ok: false, error: errorOf(error) };
      // Otherwise the connection failed, or the host before it answered.
      if (!(error instanceof Refused)) systemCode(error);
      await pause(againMs);
    }
};

const errorOf = ({ status, message }: Refused): TransportError => ({
  code: codes[status] ?? "unreadable",
  message: `The host refused the file: ${message}`,
});

const codes: Readonly<Record<number, TransportError["code"]>> = {
  401: "closed",
  409: "fenced",
  503: "unwritable",
};
