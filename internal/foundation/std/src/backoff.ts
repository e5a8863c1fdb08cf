/** How long the tries of the same work wait for each other, ms. */
export type Backoff = {
  /** After the first failure. */
  readonly first: number;
  /** Default: no bound, for work that is tried a few times. */
  readonly most?: number;
  /** How many times longer each wait is than the one before. Default: 2. */
  readonly factor?: number;
};

/** The wait after this many failures in a row, ms; `first` also after none. */
export const backoff = ({ first, most = Infinity, factor = 2 }: Backoff, failures: number): number =>
  Math.min(first * factor ** Math.max(0, failures - 1), most);
