/**
 * Limits for the frames of a runner. A frame costs one unit, and one more for each `unitBytes` of its length.
 */
export const rateLimits = { perSecond: 200, burst: 500, unitBytes: 4_096 } as const;

/** Counts the frames of a connection. */
export type FrameRate = {
  /** How long to stop reading after a frame of this many bytes, ms; 0 while the limit is not reached. */
  readonly spend: (bytes: number, now: number) => number;
};

/** A token bucket. It is full at first, because a runner that dials again repeats its calls. */
export const frameRate = (start: number): FrameRate => {
  const { perSecond, burst, unitBytes } = rateLimits;
  let [left, at] = [burst as number, start];
  return {
    spend: (bytes, now) => {
      left = Math.min(burst, left + ((now - at) / 1_000) * perSecond) - 1 - Math.floor(bytes / unitBytes);
      at = now;
      return left >= 0 ? 0 : Math.ceil((-left / perSecond) * 1_000);
    },
  };
};
