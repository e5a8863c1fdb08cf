import type { Terminal } from "@trust/dialog-engine";

/** A terminal program that prints given text at once; `onWrite` receives the input. */
export type FakeTerminal = Terminal & { readonly say: (data: string) => void };

export const fakeTerminal = (onWrite: (data: string) => void): FakeTerminal => {
  const listeners = new Set<(data: string) => void>();
  return {
    pid: 0,
    write: onWrite,
    resize: () => {},
    kill: () => {},
    onData: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onExit: () => () => {},
    say: (data) => {
      for (const listener of listeners) listener(data);
    },
  };
};
