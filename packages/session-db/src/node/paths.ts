import { join } from "node:path";

export type SessionPaths = {
  readonly folder: string;
  readonly in: string;
  readonly out: string;
  readonly inbound: string;
  readonly outbound: string;
  readonly heartbeat: string;
  /** Rung by the host after each of its commits. */
  readonly inDoorbell: string;
  /** Rung by the container. */
  readonly outDoorbell: string;
  readonly inbox: string;
  readonly outbox: string;
  /** Attachments that neither side's program is shown yet. */
  readonly held: string;
  /** What a container of another account left, for the next one. */
  readonly handedOver: string;
};

/** Where the parts of a session's folder are. `in` is the host's, `out` the container's. */
export const pathsOf = (folder: string): SessionPaths => ({
  folder,
  in: join(folder, "in"),
  out: join(folder, "out"),
  inbound: join(folder, "in", "inbound.db"),
  outbound: join(folder, "out", "outbound.db"),
  heartbeat: join(folder, "out", "heartbeat"),
  inDoorbell: join(folder, "in", "doorbell"),
  outDoorbell: join(folder, "out", "doorbell"),
  inbox: join(folder, "in", "inbox"),
  outbox: join(folder, "out", "outbox"),
  held: join(folder, "held"),
  handedOver: join(folder, "in", "handed-over"),
});
