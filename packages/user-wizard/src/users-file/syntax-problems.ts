import { parseDocument } from "yaml";
import { positionsIn } from "./position.ts";
import type { UsersProblem } from "./users-problem.ts";

/**
 * All syntax errors of a text: `yaml` continues after an error. Returns `first` if it cannot continue or
 * finds no error.
 */
export const syntaxProblems = (text: string, first: readonly UsersProblem[]): readonly UsersProblem[] => {
  const isTooDeep = first.some(
    (problem) => problem.code === "not-yaml" && problem.detail.includes("maxDepth"),
  );
  const all = isTooDeep ? [] : parsedProblems(text);
  return all.length > 0 ? all : first;
};

const parsedProblems = (text: string): readonly UsersProblem[] => {
  try {
    const { errors } = parseDocument(text, { prettyErrors: false });
    const positionOf = positionsIn(text);
    return errors.map(({ message, pos }) => ({ code: "not-yaml", detail: message, ...positionOf(pos[0]) }));
  } catch (error) {
    // After the first error, the text may be nested deeper than a recursive parser can go.
    if (error instanceof RangeError) return [];
    throw error;
  }
};
