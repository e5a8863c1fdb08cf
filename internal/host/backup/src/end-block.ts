import { Buffer } from "node:buffer";
import { createHash, type Hash } from "node:crypto";

/** Size of the block behind the tar, bytes: one more block of a tar. */
export const endBytes = 512;

const beginning = "gatehouse-backup-end ";

/** Counts and hashes all bytes of a backup before its end block. */
export type Seal = { readonly add: (bytes: Uint8Array) => void; readonly endBlock: () => Buffer };

export const newSeal = (): Seal => {
  const hash: Hash = createHash("sha256");
  let length = 0;
  return {
    add: (bytes) => {
      hash.update(bytes);
      length += bytes.byteLength;
    },
    endBlock: () => {
      const text = `${beginning}bytes=${length} sha256=${hash.digest("hex")}`;
      return Buffer.from(`${text.padEnd(endBytes - 1)}\n`, "latin1");
    },
  };
};

/** How the end of a backup looks: `cut` has no end block, `changed` has one of other bytes. */
export type EndState = "whole" | "cut" | "changed";

/** Compares each byte of the end block with that of the bytes that were read. */
export const checkEnd = (end: Uint8Array, seal: Seal): EndState => {
  const found = Buffer.from(end);
  if (found.equals(seal.endBlock())) return "whole";
  return found.toString("latin1").startsWith(beginning) ? "changed" : "cut";
};

/**
 * Passes on all bytes but the last 512, and adds them to the seal. Then `end` gets the last ones, which are fewer in a
 * file that is shorter.
 */
export const withoutEnd = async function* (
  source: AsyncIterable<Uint8Array>,
  seal: Seal,
  end: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array = new Uint8Array(0);
  for await (const chunk of source) {
    const all = held.byteLength === 0 ? chunk : Buffer.concat([held, chunk]);
    const upTo = Math.max(0, all.byteLength - endBytes);
    held = all.subarray(upTo);
    if (upTo === 0) continue;
    const passed = all.subarray(0, upTo);
    seal.add(passed);
    yield passed;
  }
  end(held);
};
