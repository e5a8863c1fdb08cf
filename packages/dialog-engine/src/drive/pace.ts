/** The engine's own waits, in milliseconds, and its limits. `bench` holds it to the first. */
export const pace = {
  /** A screen that is unchanged for this time is still. */
  stillMs: 15,
  /** The longest wait for a program that draws all the time, counted from the last change of its dialog. */
  restlessMs: 1_000,
  /** For this time, a screen without a dialog may be a part of the next frame of a program that is writing. */
  redrawMs: 250,
  /** An arrow that moved nothing is pressed again after this. */
  arrowRetryMs: 300,
  /** An Enter that brought no proof may be followed by another after this. */
  proofWaitMs: 500,
  /** A pointer that moved by itself must rest for this time before an Enter. */
  strayMs: 500,
  /** A list that no rule matches must be unchanged for this time before it counts as unknown: it may be half drawn. */
  unknownMs: 1_000,
  keysPerDialog: 12,
  keysPerRun: 30,
} as const;
