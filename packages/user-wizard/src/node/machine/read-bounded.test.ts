import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { closing, readBounded } from "./read-bounded.ts";

const folder = mkdtempSync(join(tmpdir(), "read-bounded-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "file");

const read = async (most: number, whileOpen: () => void = () => {}): Promise<number | null> => {
  const handle = await open(path);
  const bytes = await closing(handle, () => {
    const reading = readBounded(handle, most);
    whileOpen();
    return reading;
  });
  return bytes === null ? null : bytes.length;
};

describe("readBounded", () => {
  test.for([
    { name: "returns no bytes of an empty file", size: 0, most: 0, bytes: 0 },
    { name: "returns all of a file of the maximum size", size: 200_000, most: 200_000, bytes: 200_000 },
    { name: "returns null for a file that is one byte longer", size: 200_001, most: 200_000, bytes: null },
  ])("$name", async ({ size, most, bytes }) => {
    writeFileSync(path, new Uint8Array(size));
    expect(await read(most)).toBe(bytes);
  });

  test("keeps the maximum for a file that grows while it is read", async () => {
    writeFileSync(path, "");
    expect(await read(1_000_000, () => appendFileSync(path, new Uint8Array(300_000)))).toBe(300_000);
    expect(await read(400_000, () => appendFileSync(path, new Uint8Array(300_000)))).toBeNull();
  });
});
