import { Buffer } from "node:buffer";

/** A file of a multipart body. */
export type FilePart = { readonly name: string; readonly filename: string; readonly bytes: Buffer };

/** Reads a multipart body. Its values may be JSON. */
export const multipart = (
  raw: Buffer,
  type: string,
): { readonly payload: Readonly<Record<string, unknown>>; readonly parts: readonly FilePart[] } => {
  const mark = `--${/boundary="?([^";]+)/.exec(type)?.[1] ?? ""}`;
  const payload: Record<string, unknown> = {};
  const parts: FilePart[] = [];
  let at = raw.indexOf(mark);
  for (;;) {
    const from = at + mark.length + 2;
    at = raw.indexOf(mark, from);
    if (at < 0) return { payload, parts };
    const cut = raw.indexOf("\r\n\r\n", from);
    const head = raw.toString("utf8", from, cut);
    const bytes = raw.subarray(cut + 4, at - 2);
    const name = /\bname="([^"]*)"/.exec(head)?.[1] ?? "";
    const filename = /\bfilename="([^"]*)"/.exec(head)?.[1];
    if (filename === undefined) payload[name] = bytes.toString();
    else parts.push({ name, filename, bytes });
  }
};
