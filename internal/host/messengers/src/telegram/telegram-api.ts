import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { ApiMethods, ApiResponse } from "@grammyjs/types";
import { fail, ok, type Result } from "@gatehouse/std";
import type { Attachment } from "@gatehouse/channels";
import type { CallError } from "../messenger.ts";
import { fetchFrom, lostCall } from "../proxied-fetch.ts";
import { download } from "../remote-files.ts";

type Methods = ApiMethods<string>;

/** Calls methods of the Bot API. No error of it contains the token, not even as a cause. */
export type TelegramApi = {
  readonly call: <M extends keyof Methods>(
    method: M,
    payload: Omit<NonNullable<Parameters<Methods[M]>[0]>, "document">,
    options?: CallOptions,
  ) => Promise<Result<ReturnType<Methods[M]>, CallError>>;
  /** The bytes of a file. Throws if they cannot be read. */
  readonly download: (path: string, size: number) => AsyncIterable<Uint8Array>;
};

type CallOptions = {
  readonly signal?: AbortSignal;
  /** Most time for the call, ms. */
  readonly timeoutMs?: number;
  /** A file of the request, and the name of its field. */
  readonly file?: FileUpload;
};

/** The address of the Bot API. */
export const telegramRoot = "https://api.telegram.org";

/** Most time for a call, ms. Cards to other people wait for as long. */
const defaultTimeoutMs = 15_000;

/** Most time for the upload of a file, ms. */
const uploadMs = 300_000;

export type ApiOptions = {
  readonly token: string;
  /** The address of the API. */
  readonly root?: string;
  /** Ends the calls that have no signal of their own. */
  readonly signal?: AbortSignal;
};

/** The Bot API for a token. */
export const telegramApi = ({ token, root = telegramRoot, signal: always }: ApiOptions): TelegramApi => ({
  call: async (method, payload, { signal = always, timeoutMs, file } = {}) => {
    const most = AbortSignal.timeout(timeoutMs ?? (file === undefined ? defaultTimeoutMs : uploadMs));
    const answered = await answerOf(`${root}/bot${token}/${method}`, {
      method: "POST",
      signal: signal === undefined ? most : AbortSignal.any([most, signal]),
      ...(file === undefined
        ? { headers: { "content-type": "application/json" }, body: JSON.stringify(payload) }
        : fileBody(payload, file)),
    });
    if (!answered.ok) return answered;
    const answer = answered.value as ApiResponse<ReturnType<Methods[typeof method]>>;
    return answer.ok ? ok(answer.result) : fail(errorOf(answer, token));
  },
  download: (path, size) =>
    download(`${root}/file/bot${token}/${path}`, size, { title: "Telegram", request: {}, signal: always }),
});

/** A file to send, and the field of the method that takes it. */
type FileUpload = { readonly field: string; readonly attachment: Attachment };

/**
 * A multipart body that is read while it is sent. With the length in a header, because Telegram does not say that it takes a
 * body of unknown length.
 */
const fileBody = (
  payload: object,
  { field, attachment: { name, size, content } }: FileUpload,
): RequestInit & { readonly duplex: "half" } => {
  const boundary = `gatehouse-${randomUUID()}`;
  const part = (disposition: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n`;
  const fields = Object.entries(payload)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${part(`name="${key}"`)}\r\n${textOf(value)}\r\n`);
  const head = Buffer.from(
    `${fields.join("")}${part(`name="${field}"; filename="${quoted(name)}"`)}content-type: application/octet-stream\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const body = async function* (): AsyncGenerator<Uint8Array> {
    yield head;
    yield* content();
    yield tail;
  };
  return {
    headers: {
      "content-type": `multipart/form-data; boundary=${boundary}`,
      "content-length": String(head.length + size + tail.length),
    },
    body: ReadableStream.from(body()),
    duplex: "half",
  };
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** As browsers write a name between quotes. */
const quoted = (name: string): string =>
  name.replaceAll(/["\r\n]/g, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`);

/** The JSON of an answer. */
const answerOf = async (address: string, request: RequestInit): Promise<Result<unknown, CallError>> => {
  try {
    const response = await fetchFrom(address, request);
    return ok(await response.json());
  } catch (error) {
    return fail(lostCall(error, "Telegram", address));
  }
};

type Refusal = Extract<ApiResponse<unknown>, { readonly ok: false }>;

/** What Telegram says to a bot that is in a group and may not write there. */
const muted =
  /not enough rights|no rights to send|CHAT_WRITE_FORBIDDEN|CHAT_RESTRICTED|CHAT_SEND_\w+_FORBIDDEN|TOPIC_CLOSED/i;

/** A 429 without a time, s. */
const someSeconds = 5;

/** How a person revokes the token of a bot. */
export const revoke = "@BotFather revokes the token with /revoke";

/** Telegram hands the messages of a bot to one program. */
const conflictFix = `end the other program that uses this bot, or get a new token (${revoke}) and add the bot again`;

const errorOf = ({ error_code: status, description, parameters }: Refusal, token: string): CallError => {
  // What stands between, such as a proxy, may quote the address.
  const said = description.replaceAll(token, "…");
  const message = `Telegram says: ${said}`;
  if (status === 429) {
    const seconds = parameters?.retry_after ?? someSeconds;
    return { code: "wait", message, retryAfterMs: seconds * 1000 };
  }
  if (status === 401 || status === 404) return { code: "unauthorized", message };
  if (muted.test(said)) return { code: "muted", message };
  if (status === 403) return { code: "blocked", message };
  if (status === 409) return { code: "conflict", message, fix: conflictFix };
  if (status >= 500) return { code: "unknown", message };
  const to = parameters?.migrate_to_chat_id;
  if (to !== undefined) return { code: "no-such-chat", message, movedTo: `telegram:${to}` };
  return { code: /chat not found|PEER_ID_INVALID/i.test(said) ? "no-such-chat" : "refused", message };
};
