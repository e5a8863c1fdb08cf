/**
 * Bytes that a connection may always hold, in addition to the shared bytes: enough for frames of the usual
 * size.
 */
const ownBytes = 2 ** 16;

/** Bytes that all connections of a socket share for frames that are unfinished or wait for their turn. */
const sharedBytes = 2 ** 25;

/** One connection's part of the budget. */
export type FrameShare = {
  /** Sets the number of bytes that the connection holds. False if there is no room; then nothing changes. */
  hold(bytes: number): boolean;
};

/** Limits the frames that all connections of a socket hold together. */
export type FrameBudget = { share(): FrameShare };

export const frameBudget = (shared: number = sharedBytes, own: number = ownBytes): FrameBudget => {
  let used = 0;
  return {
    share: () => {
      let taken = 0;
      return {
        hold: (bytes) => {
          const wanted = Math.max(0, bytes - own);
          if (wanted > taken && used + wanted - taken > shared) return false;
          used += wanted - taken;
          taken = wanted;
          return true;
        },
      };
    },
  };
};

/** The error message for a client whose frame has no room. */
export const noRoomMessage: string = `The host already holds ${sharedBytes / 2 ** 20} MiB of unfinished frames: the connection ends. Try again later.`;
