import type { Need } from "../fields/field.ts";

/** Of the changes since a container started, those that reach it only by a restart or a new image. */
export const driftIn = <Change extends { readonly needs: Need }>(
  changes: readonly Change[],
): readonly Change[] => changes.filter(({ needs }) => needs !== "now");
