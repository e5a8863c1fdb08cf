import { join } from "node:path";

export type OldPaths = {
  readonly inbound: string;
  readonly outbound: string;
  /** The database's companion files beside the two files. */
  readonly others: readonly string[];
  readonly inbox: string;
  readonly outbox: string;
  readonly held: string;
  /** The agent's runner made this file. The account that owns it also owns the files of the outbox. */
  readonly owner: string;
  /** The account that the agent ran as. */
  readonly account: string;
};

/** The paths of an old session's files: the host wrote in `in`, the agent in `out`. */
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
