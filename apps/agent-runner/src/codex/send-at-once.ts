import type { HostTools } from "../host-tools/host-tools.ts";

/** Messages that a turn sends before its end, in their order. */
export type AtOnce = {
  /** Null sends nothing. */
  readonly send: (text: string | null) => void;
  /** Resolves when all are sent, with the answer of the turn. What could not be sent stands above it. */
  readonly before: (answer: string) => Promise<string>;
};

/** Sends each message as the agent's own tool for it does: the host skips one that it has already. */
export const sendAtOnce = (hostTools: Pick<HostTools, "sendMessage">): AtOnce => {
  let sending: Promise<readonly string[]> = Promise.resolve([]);
  return {
    send: (text) => {
      if (text === null || text === "") return;
      sending = sending.then(async (unsent) => {
        const { isError } = await hostTools.sendMessage({ text });
        return isError ? [...unsent, text] : unsent;
      });
      // A turn that fails does not wait for them.
      sending.catch(() => {});
    },
    before: async (answer) => [...(await sending), answer].filter((text) => text !== "").join("\n\n"),
  };
};
