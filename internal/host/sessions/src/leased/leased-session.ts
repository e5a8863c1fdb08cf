import type { HeldLease, HostSide } from "@gatehouse/session-rows";
import type { Container } from "@nc/container-runtime";
import type { Outbox } from "../delivery/outbox.ts";
import type { SessionMachine } from "../lifecycle/session-machine.ts";
import type { ReconcileSchedule } from "./reconcile-schedule.ts";

/** A session whose lease this host has: its state, and the functions that act on it. */
export type LeasedSession = SessionMachine & {
  readonly id: string;
  readonly groupId: string;
  readonly folder: string;
  readonly lease: HeldLease;
  readonly side: HostSide;
  /** Messages were written that no pass has read yet, so the session is not idle. */
  hasUnread: boolean;
  /** The highest number of the session's messages that the last pass read. */
  readTo: number;
  /** The last read of the agent's messages: the signals of the agent before it, and whether it left one. Null for none. */
  lastRead: { readonly signals: number; readonly hasOpen: boolean } | null;
  /** The container of the state's workload. */
  container: Container | null;
  /** Its row was deleted together with its lease, so no other host can lease it. */
  isDeleted: boolean;
  /**
   * When this host last wrote the time of a message into the session's row, ms since the epoch; 0 for never.
   */
  touchedAt: number;
  readonly outbox: Outbox;
  readonly schedule: ReconcileSchedule;
  /** Delivers the agent's messages. */
  readonly deliver: () => Promise<void>;
  /** Delivers the agent's messages, and wakes a container if a message is due. */
  readonly reconcile: () => Promise<void>;
};

/** Whether this host has lost or released the lease. Then it writes nothing more. */
export const isOver = (session: LeasedSession): boolean => session.state().phase === "over";

/** Whether the agent may have written since its messages were read, or one is open. True when in doubt. */
export const mayHaveWritten = ({ lastRead, side }: LeasedSession): boolean =>
  lastRead === null || lastRead.hasOpen || lastRead.signals !== side.signals();

/** The sessions whose leases this host has. */
export type LeasedSessions = {
  /**
   * Leases a session and opens its rows; all callers get the same object. Null for a session that is closed
   * or gone. If another host has the lease, that host is asked to stop its container and release the session,
   * and this call waits for that.
   */
  readonly lease: (sessionId: string) => Promise<LeasedSession | null>;
  /** Like `lease`, but returns at once if another host has the lease, and asks it for nothing. */
  readonly open: (sessionId: string) => Promise<LeasedSession | null | "leasedByOtherHost">;
  /** Like `open`, but null if another host has the lease. */
  readonly tryLease: (sessionId: string) => Promise<LeasedSession | null>;
  /**
   * Opens the messages of a deleted session that this host does not lease, to tell their senders. Null if the
   * session's row exists, or there are no messages. No other caller gets this object.
   */
  readonly openDeleted: (sessionId: string, groupId: string) => Promise<LeasedSession | null>;
  readonly get: (sessionId: string) => LeasedSession | undefined;
  readonly all: () => readonly LeasedSession[];
  /** Gives the lease back; with `hasWork`, so that another host leases the session. */
  readonly release: (session: LeasedSession, hasWork?: boolean) => Promise<void>;
  /** Gives back the lease of an idle session. False if a message has come meanwhile: lease it again. */
  readonly releaseIdle: (session: LeasedSession) => Promise<boolean>;
  /** Renews all leases. Returns the sessions whose leases are lost; the caller must handle them. */
  readonly renew: () => Promise<readonly LeasedSession[]>;
};
