/** The units that return in a second, and the most that can be there. */
export type BucketLimits = { readonly perSecond: number; readonly burst: number };

/** A limit for a rate. All times are ms of one clock. */
export type TokenBucket = {
  /** The units that are there; below 0 while the limit is exceeded. */
  readonly left: (now: number) => number;
  /** Takes units, also more than are there. Returns the time until none is missing, ms. */
  readonly spend: (units: number, now: number) => number;
};

/** A token bucket, which is full at `start`. */
export const tokenBucket = ({ perSecond, burst }: BucketLimits, start: number): TokenBucket => {
  let [units, at] = [burst, start];
  const left = (now: number): number => {
    units = Math.min(burst, units + ((now - at) / 1_000) * perSecond);
    at = now;
    return units;
  };
  return {
    left,
    spend: (taken, now) => {
      units = left(now) - taken;
      return units >= 0 ? 0 : Math.ceil((-units / perSecond) * 1_000);
    },
  };
};
