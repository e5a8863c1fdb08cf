import { join } from "node:path";

export type SessionPaths = {
  readonly folder: string;
  readonly in: string;
  readonly out: string;
  /** Made by the agent's runner: whose it is, the files of the outbox are. */
  readonly owner: string;
  readonly inbox: string;
  readonly outbox: string;
  /** Attachments that neither side's program is shown yet. */
  readonly held: string;
};

/** Where the parts of a session's folder are. `in` is the host's, `out` the agent's. */
export const pathsOf = (folder: string): SessionPaths => ({
  folder,
  in: join(folder, "in"),
  out: join(folder, "out"),
  owner: join(folder, "out", "owner"),
  inbox: join(folder, "in", "inbox"),
  outbox: join(folder, "out", "outbox"),
  held: join(folder, "held"),
});
