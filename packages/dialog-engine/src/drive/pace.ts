/** The engine's own waits, in milliseconds, and its limits. `bench` holds it to the first. */
export const pace = {
  /** Unchanged for so long, a screen is still. */
  stillMs: 15,
  /** A program that draws all the time is not waited for longer than this, from when its dialog last changed. */
  restlessMs: 1_000,
  /** What is no dialog while a program writes may be a part of the next frame, for so long. */
  redrawMs: 250,
  /** An arrow that moved nothing is pressed again after this. */
  arrowRetryMs: 300,
  /** An Enter that brought no proof may be followed by another after this. */
  proofWaitMs: 500,
  /** A pointer that moves by itself must rest so long before an Enter. */
  strayMs: 500,
  /** A list that no rule knows must stand for so long before it is called unknown: it may still be being drawn. */
  unknownMs: 1_000,
  keysPerDialog: 12,
  keysPerRun: 30,
} as const;
