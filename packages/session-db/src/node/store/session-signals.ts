import { EventEmitter } from "node:events";
import type { Notice } from "../../transport.ts";

type Side = "host" | "agent";

/** A sign of life of an agent. */
export type Beat = { readonly incarnation: number; readonly at: string };

/**
 * What both sides of a host's sessions tell each other within the process, and no row keeps: that the other has
 * written, and heartbeats.
 */
export type SessionSignals = {
  /** Tells this side of a session that the other one has written. */
  readonly tell: (sessionId: string, side: Side) => void;
  /** The listeners of one end of a session. `onChange` returns a function that stops listening. */
  readonly listeners: (sessionId: string, side: Side) => SideListeners;
  /** How often this side of a session was told. */
  readonly count: (sessionId: string, side: Side) => number;
  readonly beat: (sessionId: string, beat: Beat) => void;
  readonly lastBeat: (sessionId: string) => Beat | null;
  /** Tells a session's agent something that no row keeps. */
  readonly notify: (sessionId: string, notice: Notice) => void;
  /** Tells a session's host what its agent is at. */
  readonly progress: (sessionId: string, text: string) => void;
  /** Forgets a session that has been closed. */
  readonly forget: (sessionId: string) => void;
};

export type SideListeners = {
  readonly onChange: (listener: () => void) => () => void;
  readonly onNotice: (listener: (notice: Notice) => void) => () => void;
  readonly onProgress: (listener: (text: string) => void) => () => void;
  /** Stops all of them. */
  readonly stop: () => void;
};

export const sessionSignals = (): SessionSignals => {
  const emitter = new EventEmitter().setMaxListeners(0);
  const counts = new Map<string, number>();
  const beats = new Map<string, Beat>();
  const nameOf = (sessionId: string, side: Side): string => `${side} ${sessionId}`;
  return {
    tell: (sessionId, side) => {
      const name = nameOf(sessionId, side);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      emitter.emit(name);
    },
    listeners: (sessionId, side) => {
      const name = nameOf(sessionId, side);
      const own = new Set<() => void>();
      const listen = <T>(to: string, listener: (what: T) => void): (() => void) => {
        // A function of its own: one listener may listen twice, and stops once for each.
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
        onNotice: (listener) => listen(`notice ${sessionId}`, listener),
        onProgress: (listener) => listen(`progress ${sessionId}`, listener),
        stop: () => {
          for (const stop of own) stop();
        },
      };
    },
    count: (sessionId, side) => counts.get(nameOf(sessionId, side)) ?? 0,
    beat: (sessionId, beat) => void beats.set(sessionId, beat),
    lastBeat: (sessionId) => beats.get(sessionId) ?? null,
    notify: (sessionId, notice) => void emitter.emit(`notice ${sessionId}`, notice),
    progress: (sessionId, text) => void emitter.emit(`progress ${sessionId}`, text),
    forget: (sessionId) => {
      for (const side of ["host", "agent"] as const) counts.delete(nameOf(sessionId, side));
      beats.delete(sessionId);
    },
  };
};
