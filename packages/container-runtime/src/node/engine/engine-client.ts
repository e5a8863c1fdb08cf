import { Buffer } from "node:buffer";
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { fail, ok, onLines, parseJson, systemCode } from "@gatehouse/std";
import type { RuntimeResult } from "../../runtime-result.ts";

/** The version of the API. Docker 20.10 and Podman 4.3 support it. */
export const apiVersion = "v1.41";

/** Maximum bytes of an answer. */
const mostBytes = 16 * 1024 * 1024;

/** Time limit of an answer, ms. Ten stops at the same time took a second (Podman 4.3.1). */
const usualAnswerMs = 60_000;

export type EngineRequest = {
  readonly method: "GET" | "HEAD" | "POST" | "DELETE";
  /** Below the version, with its query: `/containers/json?all=true`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
};

/** An answer of the engine. Its status may be an error. */
export type EngineAnswer = {
  readonly status: number;
  readonly bytes: Buffer;
  readonly headers: IncomingHttpHeaders;
};

/** Docker's or Podman's API on a Unix socket. Every call rejects with a `NoEngine` if the engine does not answer. */
export type EngineClient = {
  readonly call: (request: EngineRequest) => Promise<EngineAnswer>;
  /** Resolves when the stream is open; `ended` when it has ended, also after an error. */
  readonly lines: (
    path: string,
    onLine: (line: string) => void,
    signal: AbortSignal,
  ) => Promise<{ readonly ended: Promise<void> }>;
  /** Ends idle connections. */
  readonly close: () => void;
};

/** The engine does not answer, or its answer is unexpected. The message is a sentence for a person. */
export class NoEngine extends Error {
  override readonly name = "NoEngine";
}

export const engineClient = (socketPath: string, answerMs: number = usualAnswerMs): EngineClient => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const open = ({ method, path, body }: EngineRequest, signal: AbortSignal, isStream = false) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const json = body === undefined ? undefined : JSON.stringify(body);
      const headers = json === undefined ? {} : { "content-type": "application/json" };
      // A stream gets its own connection: in the pool it would block other calls.
      const sent = request({
        socketPath,
        method,
        path: `/${apiVersion}${path}`,
        headers,
        signal,
        agent: isStream ? false : agent,
      });
      sent.once("response", resolve);
      sent.on("error", (error) => reject(new NoEngine(`${socketPath} does not answer (${codeOf(error)}).`)));
      sent.end(json);
    });
  return {
    call: async (asked) => {
      const answer = await open(asked, AbortSignal.timeout(answerMs));
      return { status: answer.statusCode ?? 0, bytes: await bytesOf(answer), headers: answer.headers };
    },
    lines: async (path, onLine, signal) => {
      const answer = await open({ method: "GET", path }, signal, true);
      if (answer.statusCode !== 200) throw new NoEngine(messageOf(await bytesOf(answer)));
      onLines(answer, onLine);
      const ended = new Promise<void>((resolve) => {
        answer.once("close", resolve);
        // The error of a broken stream needs no handling: `close` follows.
        answer.on("error", () => {});
      });
      return { ended };
    },
    close: () => agent.destroy(),
  };
};

const codeOf = (error: Error): string => (error.name === "AbortError" ? "no answer" : systemCode(error));

const bytesOf = async (answer: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of answer as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > mostBytes) throw new NoEngine(`The engine's answer is longer than ${mostBytes} bytes.`);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof NoEngine) throw error;
    throw new NoEngine(`The engine's answer broke off (${codeOf(error as Error)}).`);
  }
  return Buffer.concat(parts);
};

/** The message in the body of an error answer; the whole text if the body is not JSON. */
export const messageOf = (bytes: Buffer): string => {
  const text = bytes.toString("utf8").trim();
  const { message } = (parseJson(text) ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message : text;
};

/** Sends one request, and resolves with the JSON of the answer; with null if its status is one of `refusals`. */
export type AskOne = (request: EngineRequest, refusals?: readonly number[]) => Promise<unknown>;

/**
 * Runs requests to an engine, and closes their connections. Fails with `runtime-unavailable` if the engine does not
 * answer, or not with status 200. `answerMs` limits each answer.
 */
export const askEngine = async <T>(
  socketPath: string,
  ask: (one: AskOne) => Promise<T>,
  answerMs?: number,
): Promise<RuntimeResult<T>> => {
  const client = engineClient(socketPath, answerMs);
  try {
    return ok(
      await ask(async (request, refusals = []) => {
        const { status, bytes } = await client.call(request);
        if (refusals.includes(status)) return null;
        if (status !== 200) throw new NoEngine(`${socketPath} answers ${status}: ${messageOf(bytes)}`);
        const json = parseJson(bytes.toString("utf8"));
        if (json === null) throw new NoEngine(`${socketPath} does not answer with JSON.`);
        return json;
      }),
    );
  } catch (error) {
    if (!(error instanceof NoEngine)) throw error;
    return fail({ code: "runtime-unavailable", message: error.message });
  } finally {
    client.close();
  }
};
