import { join } from "node:path";

/** Where the files of a session were. */
export const oldPaths = (
  folder: string,
): { readonly inbound: string; readonly outbound: string; readonly others: readonly string[] } => ({
  inbound: join(folder, "in", "inbound.db"),
  outbound: join(folder, "out", "outbound.db"),
  /** What else lay beside them. */
  others: [
    join(folder, "in", "doorbell"),
    join(folder, "out", "doorbell"),
    join(folder, "out", "heartbeat"),
    join(folder, "in", "handed-over"),
    join(folder, "in", "account"),
  ],
});
