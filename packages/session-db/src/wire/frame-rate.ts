/** How much a runner may send. A frame costs one unit, and one more for each of `unitBytes` that it has. */
export const rateLimits = { perSecond: 200, burst: 500, unitBytes: 4_096 } as const;

/** Counts what a connection sends. */
export type FrameRate = {
  /** The time, ms, for which nothing more is read after a frame of so many bytes; 0 while there is room. */
  readonly spend: (bytes: number, now: number) => number;
};

/** A bucket of units, which fills by itself. It is full at first: a runner that dials again repeats its calls. */
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
