import type { Need } from "../fields/field.ts";

/** The changes that a running container gets only by a restart or a new image. */
export const driftIn = <Change extends { readonly needs: Need }>(
  changes: readonly Change[],
): readonly Change[] => changes.filter(({ needs }) => needs !== "now");
