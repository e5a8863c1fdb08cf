import type { Args } from "@nc/cli-scope";
import { parseJson } from "@gatehouse/std";
import type { ApprovalRow } from "@gatehouse/central-database";

/**
 * The arguments that `hold` wrote. A torn row gives `{}`; its digest does not match that, so it is not run.
 */
export const parsedArgs = (json: string): Args => {
  const parsed = parseJson(json);
  return isArgs(parsed) ? parsed : {};
};

/** The consequence that `hold` wrote; null for none, or if it is not a list of lines. */
export const parsedLines = (json: string | null): readonly string[] | null => {
  const parsed = json === null ? null : parseJson(json);
  return isLines(parsed) ? parsed : null;
};

/** Whether the row has text that `hold` did not write: text that was cut, or JSON of another shape. */
export const isTorn = ({
  args,
  shown,
  consequence,
}: Pick<ApprovalRow, "args" | "shown" | "consequence">): boolean =>
  ![args, shown].every((json) => isArgs(parseJson(json))) ||
  (consequence !== null && !isLines(parseJson(consequence)));

const isArgs = (parsed: unknown): parsed is Args =>
  typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);

const isLines = (parsed: unknown): parsed is readonly string[] =>
  Array.isArray(parsed) && parsed.every((line) => typeof line === "string");
