import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { Attachment } from "@gatehouse/channels";

/** A file to send, and the field of the method that takes it. */
export type FileUpload = { readonly field: string; readonly attachment: Attachment };

/**
 * A multipart body that is read while it is sent. With the length in a header, because Telegram does not say that it takes a
 * body of unknown length.
 */
export const fileBody = (
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
