import { Buffer } from "node:buffer";

/** The DER tags that a certificate needs (X.690). */
const tags = {
  integer: 0x02,
  bitString: 0x03,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
};

const value = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
};

/** Up to 127 in one byte; else the number of length bytes, then these bytes. */
const lengthOf = (length: number): Buffer => {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
};

/** Encoders for the few ASN.1 values in a self-signed certificate. */
export const der = {
  sequence: (...parts: readonly Buffer[]): Buffer => value(tags.sequence, ...parts),
  set: (...parts: readonly Buffer[]): Buffer => value(tags.set, ...parts),
  /** A positive number whose highest bit is 0. */
  integer: (bytes: Buffer): Buffer => value(tags.integer, bytes),
  bitString: (bytes: Buffer): Buffer => value(tags.bitString, Buffer.from([0]), bytes),
  text: (text: string): Buffer => value(tags.utf8, Buffer.from(text)),
  /** The encoded body of an object identifier, in hex. */
  oid: (hex: string): Buffer => value(tags.oid, Buffer.from(hex, "hex")),
  /** Up to the year 2049. */
  utcTime: (at: Date): Buffer =>
    value(
      tags.utcTime,
      Buffer.from(
        `${at
          .toISOString()
          .replace(/[-:T]|\.\d+/g, "")
          .slice(2)}`,
      ),
    ),
  /** A field with a context tag, which holds one value. */
  tagged: (number: number, part: Buffer): Buffer => value(0xa0 | number, part),
};
