import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const fixtures = fileURLToPath(new URL("../../../../test-fixtures", import.meta.url));

/** The output events of an asciicast v2: a header, then one `[seconds, "o", data]` per line. */
const outputOf = (cast: string): readonly string[] =>
  cast
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((text) => JSON.parse(text) as readonly [number, string, string])
    .flatMap(([, type, data]) => (type === "o" ? [data] : []));

/**
 * The output of the recorded CLIs, in its original chunks, repeated up to this many bytes; empty without
 * recordings.
 */
export const recordedOutput = async (bytes: number): Promise<readonly string[]> => {
  const files = (await readdir(fixtures, { recursive: true }))
    .filter((file) => file.endsWith(".cast"))
    .sort();
  const casts = await Promise.all(files.map((file) => readFile(join(fixtures, file), "utf8")));
  const once = casts.flatMap(outputOf);
  const size = Buffer.byteLength(once.join(""));
  return size === 0 ? [] : Array.from({ length: Math.ceil(bytes / size) }, () => once).flat();
};
