import type { Terminal } from "@trust/dialog-engine";

/** Ends the program in a terminal, and resolves after its end. */
export const endTerminal = (terminal: Terminal): Promise<void> =>
  new Promise((resolve) => {
    terminal.onExit(() => resolve());
    terminal.kill();
  });
