/** The host's next number: even, above every number of its own file. */
export const nextEven = (highest: number): number => highest + 2 - (Math.max(highest, 0) % 2);

/** The container's next number: odd, above every number of both files. */
export const nextOdd = (highest: number): number => highest + 1 + (highest % 2);
