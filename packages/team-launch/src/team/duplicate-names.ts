import type { Position, TeamProblem } from "./team-problem.ts";

export type PlacedName = Position & { readonly name: string };

/**
 * A problem for each name that an earlier line already has, ignoring letter case: a file system that ignores case could
 * not tell the two members apart.
 */
export const duplicateNames = (names: readonly PlacedName[]): readonly TeamProblem[] => {
  const inOrder = [...names].sort((a, b) => a.line - b.line || a.column - b.column);
  const first = new Map<string, number>();
  return inOrder.flatMap(({ name, line, column }): readonly TeamProblem[] => {
    const firstLine = first.get(name.toLowerCase());
    if (firstLine !== undefined) return [{ code: "duplicate-name", name, firstLine, line, column }];
    first.set(name.toLowerCase(), line);
    return [];
  });
};
