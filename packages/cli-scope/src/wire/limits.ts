/** The limits of a frame. Lengths are in UTF-16 units; the transport limits the bytes of a whole line. */
export const limits = {
  frameId: 128,
  command: 512,
  args: 64,
  argName: 64,
  text: 65_536,
  /** Nesting of lists and objects in one argument. */
  depth: 16,
  /** Values in one argument, counted through all its lists and objects. */
  values: 10_000,
} as const;
