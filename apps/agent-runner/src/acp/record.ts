import { open } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fieldsOf, parseJson, systemCode, type Fields } from "@gatehouse/std";

/** The last bytes of a record that are read. A turn has a few hundred after its end. */
const mostBytes = 65_536;

/** The last lines of the record that an agent keeps of its session, a JSON object each; null without such a file. */
export const endOfRecord = async (path: string): Promise<readonly Fields[] | null> => {
  const file = await open(path).catch((error: unknown) => (systemCode(error), null));
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read({
      buffer: Buffer.alloc(mostBytes),
      position: Math.max(0, size - mostBytes),
    });
    const lines = buffer.toString("utf8", 0, bytesRead).split("\n");
    return lines.map((line) => fieldsOf(parseJson(line)));
  } finally {
    await file.close();
  }
};

/** Time for an agent to record the end of a turn, which it tells of some milliseconds before that, and the pauses, ms. */
const [recordMs, pauseMs] = [3_000, 20];

/** Looks again and again until something is found. Returns `otherwise` if nothing is in time. */
export const inRecord = async <Found>(
  look: () => Promise<Found | undefined>,
  otherwise: Found,
): Promise<Found> => {
  for (let waited = 0; waited < recordMs; waited += pauseMs, await pause(pauseMs)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  return otherwise;
};
