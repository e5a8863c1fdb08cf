/** Bytes that a connection may hold at any time, beside what all of them share: room for frames of the usual size. */
const ownBytes = 2 ** 16;

/** Bytes that all connections of a socket share for frames that are unfinished or wait for their turn. */
const sharedBytes = 2 ** 25;

/** One connection's part of the budget. */
export type FrameShare = {
  /** Tells how many bytes the connection holds now. False: there is no room for them, and nothing was taken. */
  hold(bytes: number): boolean;
};

/** Bounds the frames that all connections of a socket hold together. */
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

/** The reason for a client whose frame has no room. */
export const noRoomMessage: string = `The host already holds ${sharedBytes / 2 ** 20} MiB of unfinished frames: the connection ends. Try again later.`;
