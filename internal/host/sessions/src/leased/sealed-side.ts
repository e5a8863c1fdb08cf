import type { HostSide } from "@gatehouse/session-rows";

type Side = HostSide;

/** A host's side that refuses messages once it is sealed. Its messages can still be read and reported. */
export type SealedSide = {
  readonly side: Side;
  /**
   * Resolves when every accepted message can be read. Later messages get `closed`, and their senders look for
   * another session.
   */
  readonly seal: () => Promise<void>;
  /** The number of calls of `send` that have ended, but for those that were refused here. */
  readonly writeCount: () => number;
};

/**
 * Makes a side that can be sealed, so that no message arrives between the last read of its messages and its
 * close.
 */
export const sealable = (side: Side): SealedSide => {
  const underWay = new Set<Promise<unknown>>();
  let isSealed = false;
  let writeCount = 0;
  const send: Side["send"] = async (messages, also) => {
    if (isSealed) return { ok: false, error: { code: "closed", message: "The session is closed." } };
    const sent = side.send(messages, also);
    underWay.add(sent);
    return sent.finally(() => {
      writeCount += 1;
      underWay.delete(sent);
    });
  };
  return {
    side: { ...side, send },
    seal: async () => {
      isSealed = true;
      await Promise.allSettled(underWay);
    },
    writeCount: () => writeCount,
  };
};
