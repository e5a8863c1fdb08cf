import { Buffer } from "node:buffer";

/** The text that replaces a key. */
const hidden = "[key]";

/** The part of a key's base64 that does not depend on what stands around it, for each place in a group of three. */
const base64Of = (key: string): readonly string[] =>
  [0, 1, 2].map((before) => {
    const packed = Buffer.concat([Buffer.alloc(before), Buffer.from(key)]).toString("base64");
    const end = Math.floor(((before + Buffer.byteLength(key)) * 8) / 6);
    return packed.slice(Math.ceil((before * 8) / 6), end);
  });

/**
 * The shortest key that is hidden, characters. Shorter ones are words for a server that wants none (`x`, `none`, `ollama`): an answer
 * without all their letters cannot be read.
 */
const shortestKey = 8;

/** A key as a vendor, or a gateway before it, may repeat it: in clear, in base64, in hexadecimal. */
const formsOf = (key: string): readonly string[] => {
  if (key.length < shortestKey) return [];
  const packed = base64Of(key);
  const url = packed.map((form) => form.replaceAll("+", "-").replaceAll("/", "_"));
  const hex = Buffer.from(key).toString("hex");
  return [...new Set([key, ...packed, ...url, hex, hex.toUpperCase()])];
};

/** Removes the key, and all that has the form of one, from an error text of the vendor. */
export const withoutKeys = (text: string, key: string): string =>
  formsOf(key)
    .reduce((rest, form) => rest.replaceAll(form, hidden), text)
    .replaceAll(/\b(?:(?:sk|rk|pk)-[A-Za-z0-9_*.-]{6,}|AIza[\w*.-]{6,})/g, hidden);

/** The headers without those that contain the key, also by percent signs or in another case. */
export const headersWithoutKey = (
  headers: Readonly<Record<string, string>>,
  key: string,
): Record<string, string> => {
  const forms = formsOf(key).map((form) => form.toLowerCase());
  const hasKey = (text: string): boolean => {
    const plain = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return [text, plain].some((each) => forms.some((form) => each.toLowerCase().includes(form)));
  };
  return Object.fromEntries(Object.entries(headers).filter(([name, value]) => !hasKey(`${name}: ${value}`)));
};

/** Removes a key from a stream of bytes, also one that two chunks share. */
export type KeyFilter = {
  /** The bytes that may be passed on now. Bytes with which a key may begin wait for the next ones. */
  readonly push: (chunk: Buffer) => Buffer;
  /** The bytes that still wait. */
  readonly end: () => Buffer;
};

export const keyFilter = (key: string): KeyFilter => {
  const forms = formsOf(key).map((form) => Buffer.from(form));
  let rest: Buffer = Buffer.alloc(0);
  return {
    push: (chunk) => {
      const clean = forms.reduce(replaced, rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
      const kept = Math.max(0, ...forms.map((form) => begun(clean, form)));
      rest = Buffer.from(clean.subarray(clean.length - kept));
      return clean.subarray(0, clean.length - kept);
    },
    end: () => rest,
  };
};

const replaced = (bytes: Buffer, form: Buffer): Buffer => {
  if (!bytes.includes(form)) return bytes;
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, from)) {
    parts.push(bytes.subarray(from, at), Buffer.from(hidden));
    from = at + form.length;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
};

/** How many bytes at the end are a beginning of the form. */
const begun = (bytes: Buffer, form: Buffer): number => {
  for (let length = Math.min(form.length - 1, bytes.length); length > 0; length -= 1)
    if (bytes.subarray(bytes.length - length).equals(form.subarray(0, length))) return length;
  return 0;
};
