import type { HostEnd } from "@nc/session-db";

/** A host's end that takes no more messages once it is sealed. What is there can still be read and told of. */
export type SealedEnd<End extends HostEnd> = {
  readonly end: End;
  /** Resolves when every message that was taken can be read. Each later one gets `closed`: its sender looks anew. */
  readonly seal: () => Promise<void>;
};

/** Makes an end that can be sealed, so that nothing comes between a last look at its messages and its close. */
export const sealable = <End extends HostEnd>(end: End): SealedEnd<End> => {
  const underWay = new Set<Promise<unknown>>();
  let isSealed = false;
  const send: HostEnd["send"] = async (messages) => {
    if (isSealed) return { ok: false, error: { code: "closed", message: "The session is closed." } };
    const sent = end.send(messages);
    underWay.add(sent);
    return sent.finally(() => underWay.delete(sent));
  };
  return {
    end: { ...end, send },
    seal: async () => {
      isSealed = true;
      await Promise.allSettled(underWay);
    },
  };
};
