/** What a frame may hold at most. Lengths are UTF-16 units; a transport bounds the bytes of a whole line itself. */
export const limits = {
  frameId: 128,
  command: 512,
  args: 64,
  argName: 64,
  text: 65_536,
  /** Lists and objects within each other, in one argument. */
  depth: 16,
  /** Values in one argument, counted through all lists and objects. */
  values: 10_000,
} as const;
