import { open, readFile } from "node:fs/promises";
import { consentsFrom, type ConsentRecord, type Ledger, type Result } from "../index.ts";
import { systemCode } from "./system-code.ts";

export type LedgerError = { readonly code: "ledger-unavailable"; readonly detail: string };

const unavailable = (error: unknown, file: string): Result<never, LedgerError> => ({
  ok: false,
  error: { code: "ledger-unavailable", detail: `${systemCode(error)}: ${file}` },
});

/**
 * Adds records and returns when they are on the disk. A last line that a crash left torn is closed first, so that it
 * spoils nothing but itself.
 */
export const appendConsents = async (
  file: string,
  records: readonly ConsentRecord[],
): Promise<Result<null, LedgerError>> => {
  try {
    const handle = await open(file, "a+", 0o600);
    try {
      const { size } = await handle.stat();
      const end = size === 0 ? null : (await handle.read(Buffer.alloc(1), 0, 1, size - 1)).buffer.toString();
      await handle.appendFile(
        `${end === null || end === "\n" ? "" : "\n"}${records.map((record) => `${JSON.stringify(record)}\n`).join("")}`,
      );
      await handle.datasync();
    } finally {
      await handle.close();
    }
    return { ok: true, value: null };
  } catch (error) {
    return unavailable(error, file);
  }
};

/** Every consent that was ever asked for here; none where there is no ledger yet. */
export const readConsents = async (file: string): Promise<Result<Ledger, LedgerError>> => {
  try {
    const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.trim() !== "");
    return { ok: true, value: consentsFrom(lines.map(parsed)) };
  } catch (error) {
    return systemCode(error) === "ENOENT" ? { ok: true, value: consentsFrom([]) } : unavailable(error, file);
  }
};

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};
