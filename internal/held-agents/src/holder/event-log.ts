import { appendFileSync, renameSync, statSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/** One thing that happened to an agent: a line of its log. */
export type HeldEvent = { readonly event: string; readonly [field: string]: unknown };

/** Bytes of one log; the one before it is kept beside it. */
const mostBytes = 512 * 1024;

/** Appends events to an agent's log, which is bounded. A log that cannot be written loses lines, not the agent. */
export const eventLog = (file: string, now: () => string): ((event: HeldEvent) => void) => {
  let bytes = sizeOf(file);
  return (event) => {
    const line = `${JSON.stringify({ at: now(), ...event })}\n`;
    try {
      if (bytes + line.length > mostBytes) {
        renameSync(file, `${file}.1`);
        bytes = 0;
      }
      appendFileSync(file, line, { mode: 0o600 });
      bytes += line.length;
    } catch (error) {
      systemCode(error);
    }
  };
};

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
