import type { Args } from "@nc/cli-scope";
import { parseJson } from "@gatehouse/std";
import type { ApprovalRow } from "../database/tables.ts";

/** Checked arguments as `hold` wrote them. Those of a torn row are none: its digest is of others. */
export const parsedArgs = (json: string): Args => {
  const parsed = parseJson(json);
  return isArgs(parsed) ? parsed : {};
};

/** What a command would do, as `hold` wrote it. */
export const parsedLines = (json: string | null): readonly string[] | null => {
  const parsed = json === null ? null : parseJson(json);
  return isLines(parsed) ? parsed : null;
};

/** Whether the row has something in it that nobody can have been meant to answer: text that was cut, or no text of ours. */
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
