import type { ConfigChange } from "./diff-configs.ts";

/** Of the changes since a container started, those that it does not know of yet: a new start, or image, brings them. */
export const driftIn = (changes: readonly ConfigChange[]): readonly ConfigChange[] =>
  changes.filter(({ needs }) => needs !== "now");
