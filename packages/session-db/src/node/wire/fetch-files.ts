import { createReadStream, createWriteStream, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { systemCode } from "@gatehouse/std";
import type { TransportError, TransportResult } from "../../transport.ts";
import { filePath } from "./serve-files.ts";

export type FileClientOptions = {
  /** Opens a stream to the host: a Unix socket's, or one of TLS. */
  readonly connect: () => Duplex;
  /** The workload's token. */
  readonly token: string;
};

/**
 * Files of a session's messages, over the wire. While the host is away both wait for it. `unwritable` may be tried again;
 * other errors stay.
 */
export type FileClient = {
  /** Has the host keep a file of a message that is about to be sent. */
  readonly put: (messageId: string, name: string, path: string) => Promise<TransportResult<null>>;
  /** Writes a file that came with a message to this path, whole or not at all. */
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

/** Bytes; null where the file is gone. */
const sizeOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.size ?? null;

type Body = { readonly path: string; readonly size: number };

/** The answer of a host that did it. Throws a `Refused` for one that did not. */
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
  // The host may answer, and end the connection, before it has read the whole body.
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

/** The status of a host that serves enough of this agent's files just now. */
const tooMany = 429;

/** Before a host that cannot be reached, or that is busy with this agent, is asked again, ms. */
const againMs = 500;

const untilAnswered = async (work: () => Promise<TransportResult<null>>): Promise<TransportResult<null>> => {
  for (;;)
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refused && error.status !== tooMany) return { ok: false, error: errorOf(error) };
      // Else the connection, or the host that was about to answer.
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
