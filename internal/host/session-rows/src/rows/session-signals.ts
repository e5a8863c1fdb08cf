import { EventEmitter } from "node:events";
import type { Progress } from "../messages/live.ts";

type Side = "host" | "agent";

/** A sign of life of an agent. */
export type Beat = { readonly incarnation: number; readonly at: string };

/** An agent without work takes the next message as a batch of its own, with this id. */
export type Offer = {
  readonly incarnation: number;
  readonly batch: string;
  /** The number of the session's newest message then. After a newer one the agent may have moved on, with another host. */
  readonly readTo: number;
};

/**
 * Signals between the two sides of a host's sessions, inside one process: that the other side has written,
 * and heartbeats. They are not stored.
 */
export type SessionSignals = {
  /** Signals to this side of a session that the other side has written. */
  readonly signal: (sessionId: string, side: Side) => void;
  /** The listeners of one side of a session. `onChange` returns a function that stops listening. */
  readonly listeners: (sessionId: string, side: Side) => SideListeners;
  /** How often this side of a session was signalled. */
  readonly count: (sessionId: string, side: Side) => number;
  readonly beat: (sessionId: string, beat: Beat) => void;
  readonly lastBeat: (sessionId: string) => Beat | null;
  /** Tells a session's host what its agent is writing now. */
  readonly progress: (sessionId: string, progress: Progress) => void;
  /** Keeps the offer of a session's agent, until it is taken, or replaced; null withdraws it. */
  readonly offer: (sessionId: string, offer: Offer | null) => void;
  /** Returns the offer of a session's agent, once. */
  readonly takeOffer: (sessionId: string) => Offer | null;
  /** Forgets a session that has been closed. */
  readonly forget: (sessionId: string) => void;
};

export type SideListeners = {
  readonly onChange: (listener: () => void) => () => void;
  readonly onProgress: (listener: (progress: Progress) => void) => () => void;
  /** Removes all listeners of this side. */
  readonly stop: () => void;
};

export const sessionSignals = (): SessionSignals => {
  const emitter = new EventEmitter().setMaxListeners(0);
  const counts = new Map<string, number>();
  const beats = new Map<string, Beat>();
  const offers = new Map<string, Offer>();
  const nameOf = (sessionId: string, side: Side): string => `${side} ${sessionId}`;
  return {
    signal: (sessionId, side) => {
      const name = nameOf(sessionId, side);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      emitter.emit(name);
    },
    listeners: (sessionId, side) => {
      const name = nameOf(sessionId, side);
      const own = new Set<() => void>();
      const listen = <T>(to: string, listener: (what: T) => void): (() => void) => {
        // A separate function for each call, because one listener may be added twice and is removed once for
        // each.
        const told = (what: T): void => listener(what);
        const stop = (): void => {
          own.delete(stop);
          emitter.off(to, told);
        };
        own.add(stop);
        emitter.on(to, told);
        return stop;
      };
      return {
        onChange: (listener) => listen(name, () => listener()),
        onProgress: (listener) => listen(`progress ${sessionId}`, listener),
        stop: () => {
          for (const stop of own) stop();
        },
      };
    },
    count: (sessionId, side) => counts.get(nameOf(sessionId, side)) ?? 0,
    beat: (sessionId, beat) => void beats.set(sessionId, beat),
    lastBeat: (sessionId) => beats.get(sessionId) ?? null,
    progress: (sessionId, progress) => void emitter.emit(`progress ${sessionId}`, progress),
    offer: (sessionId, offer) =>
      void (offer === null ? offers.delete(sessionId) : offers.set(sessionId, offer)),
    takeOffer: (sessionId) => {
      const offer = offers.get(sessionId) ?? null;
      offers.delete(sessionId);
      return offer;
    },
    forget: (sessionId) => {
      for (const side of ["host", "agent"] as const) counts.delete(nameOf(sessionId, side));
      beats.delete(sessionId);
      offers.delete(sessionId);
    },
  };
};
