import { Buffer, isUtf8 } from "node:buffer";
import type { ForeignReadRow, ForeignValue } from "./foreign-reader.ts";

/** A value in the child's answer to the host, as JSON. */
export type Cell = string | number | null | { readonly integer: string } | { readonly bad: true };

/** The rows of each table of a read. */
export type Answer = readonly (readonly (readonly Cell[])[])[];

const bad: Cell = { bad: true };

/** Makes a cell from a column's type and value, which statements.ts selects. */
export const cellOf = (type: unknown, value: unknown): Cell => {
  switch (type) {
    case "null":
      return null;
    case "integer":
      return typeof value === "bigint" ? integerOf(value) : bad;
    case "real":
      return typeof value === "number" && Number.isFinite(value) ? value : bad;
    case "text":
      return value instanceof Uint8Array ? textOf(Buffer.from(value)) : bad;
    default:
      return bad;
  }
};

const integerOf = (value: bigint): Cell =>
  value === BigInt.asIntN(53, value) ? Number(value) : { integer: value.toString() };

const textOf = (bytes: Buffer): Cell => (isUtf8(bytes) && !bytes.includes(0) ? bytes.toString("utf8") : bad);

/** Makes the caller's row from cells. */
export const rowOf = (columns: readonly string[], cells: readonly Cell[]): ForeignReadRow => {
  const values: Record<string, ForeignValue> = {};
  const unusable: string[] = [];
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? null;
    if (typeof cell === "object" && cell !== null) {
      values[column] = "integer" in cell ? BigInt(cell.integer) : null;
      if ("bad" in cell) unusable.push(column);
    } else values[column] = cell;
  }
  return { values, bad: unusable };
};
