/** The engine's own waits and limits, in milliseconds. `bench` checks `stillMs`. */
export const pace = {
  /** Minimum time between two reads of a changing screen. */
  lookMs: 5,
  /** A timer that is later than this was held up: the output that arrived meanwhile is read first. */
  lateMs: 5,
  /** A program's last output may arrive after its exit was reported (node-pty 1.1.0 on Linux). */
  lastOutputMs: 20,
  /** A screen that is unchanged for this time is still. */
  stillMs: 15,
  /** The longest wait for a program that draws all the time, counted from the last change of its dialog. */
  restlessMs: 1_000,
  /** For this time, a screen without a dialog may be part of the next frame of a program that is writing. */
  redrawMs: 250,
  /** If an arrow has moved nothing after this time, it is pressed again; a later one after twice the time. */
  arrowRetryMs: 300,
  /** If an Enter has brought no proof after this time, another may follow. */
  proofWaitMs: 500,
  /** A pointer that moved by itself must rest for this time before an Enter. */
  strayMs: 500,
  /**
   * A list that matches no rule must be unchanged for this time before it counts as unknown: it may be half
   * drawn.
   */
  unknownMs: 1_000,
  /** A screen that is blank for this time is reported. */
  blankMs: 3_000,
  keysPerDialog: 12,
  keysPerRun: 30,
} as const;
