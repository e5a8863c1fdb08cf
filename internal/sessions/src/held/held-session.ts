import type { HeldLease } from "@gatehouse/control-plane";
import type { Container } from "@nc/container-runtime";
import type { TransportResult } from "@nc/session-db";
import type { HostSide } from "@nc/session-db/node";
import type { Outbox } from "../delivery/outbox.ts";
import type { SessionMachine } from "../lifecycle/session-machine.ts";
import type { ReconcileSchedule } from "./reconcile-schedule.ts";

/** A session that this host holds the lease on: its state, and what acts on it. */
export type HeldSession = SessionMachine & {
  readonly id: string;
  readonly groupId: string;
  readonly folder: string;
  readonly lease: HeldLease;
  readonly end: HostSide;
  /** The token of the next container, once this host has counted it. */
  readonly issueToken: (incarnation: number) => Promise<TransportResult<string>>;
  /** After this the session takes no message: `end.send` gives `closed`. What came before can be read. */
  readonly seal: () => Promise<void>;
  /** Runs the workload of its state. */
  container: Container | null;
  /** Its row is gone, and its lease with it: nobody else can hold it either. */
  isDeleted: boolean;
  /** When its last message was written into the session's row, ms since the epoch; 0 for not by this host. */
  touchedAt: number;
  readonly outbox: Outbox;
  readonly schedule: ReconcileSchedule;
  /** Delivers what the agent wrote. */
  readonly deliver: () => Promise<void>;
  /** Delivers what the agent wrote, and wakes a container where something is due. */
  readonly look: () => Promise<void>;
};

/** Whether this host has the lease no longer: it writes nothing more. */
export const isOver = (session: HeldSession): boolean => session.state().phase === "over";

/** The sessions on which this host holds the lease. */
export type HeldSessions = {
  /**
   * Takes the lease and opens the session's rows; the same object for all who ask. Null for a session that is
   * closed or gone. If another host holds it, that one is asked to end its container and to let it go.
   */
  readonly hold: (sessionId: string) => Promise<HeldSession | null>;
  /** The same, but it asks for nothing of another host that holds it now. */
  readonly open: (sessionId: string) => Promise<HeldSession | null | "elsewhere">;
  /** The same, but null too if another host holds it now. */
  readonly tryHold: (sessionId: string) => Promise<HeldSession | null>;
  /**
   * The messages of a session whose row is gone and which this host does not hold, to tell of what it leaves. Null if
   * the row is there, or no message is. Nobody else is given it.
   */
  readonly openDeleted: (sessionId: string, groupId: string) => Promise<HeldSession | null>;
  readonly get: (sessionId: string) => HeldSession | undefined;
  readonly all: () => readonly HeldSession[];
  /** Gives the lease back; with `hasWork`, so that another host takes it. */
  readonly letGo: (session: HeldSession, hasWork?: boolean) => Promise<void>;
  /** Prolongs all leases. Gives the sessions whose leases were not to be had: the caller loses them. */
  readonly renew: () => Promise<readonly HeldSession[]>;
};
