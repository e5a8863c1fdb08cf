import { join } from "node:path";

export type OldPaths = {
  readonly inbound: string;
  readonly outbound: string;
  /** Beside the two files. */
  readonly others: readonly string[];
  readonly inbox: string;
  readonly outbox: string;
  readonly held: string;
  /** Made by the agent's runner: whose it is, the files of the outbox are. */
  readonly owner: string;
  /** The account that the agent ran as. */
  readonly account: string;
};

/** Where the files of a session were: `in` was the host's, `out` the agent's. */
export const oldPaths = (folder: string): OldPaths => ({
  inbound: join(folder, "in", "inbound.db"),
  outbound: join(folder, "out", "outbound.db"),
  others: [
    join(folder, "in", "doorbell"),
    join(folder, "out", "doorbell"),
    join(folder, "out", "heartbeat"),
    join(folder, "in", "handed-over"),
  ],
  inbox: join(folder, "in", "inbox"),
  outbox: join(folder, "out", "outbox"),
  held: join(folder, "held"),
  owner: join(folder, "out", "owner"),
  account: join(folder, "in", "account"),
});
