import type { ConfigChange } from "./diff-configs.ts";

/** Of the changes since a container started, those that reach it only by a restart or a new image. */
export const driftIn = (changes: readonly ConfigChange[]): readonly ConfigChange[] =>
  changes.filter(({ needs }) => needs !== "now");
