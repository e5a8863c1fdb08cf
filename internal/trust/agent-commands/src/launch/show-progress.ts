import { createProgressLine, type Output, type Paint } from "@gatehouse/cli-kit";
import type { LaunchProgress, MemberReport } from "@trust/team-launch";
import { liveTable } from "./live-table.ts";
import { countsOf, type TableRow } from "./render-table.ts";

export type ShownProgress = {
  readonly show: (progress: LaunchProgress) => void;
  readonly end: () => void;
};

/**
 * Shows a launch's progress: in a live table at a terminal, else in single lines. The message about an
 * earlier launch whose launcher was killed gets its own line.
 */
export const showProgress = (output: Output | null, paint: Paint): ShownProgress => {
  if (output === null) return { show: () => {}, end: () => {} };
  return output.isTTY === true ? inTable(output, paint) : inLines(output);
};

const inTable = (output: Output, paint: Paint): ShownProgress => {
  const table = liveTable(output, paint);
  let before: readonly TableRow[] = [];
  return {
    show: ({ state, message, members }) => {
      if (state === "interrupted") return table.note(message);
      before = rowsOf(members, before, Date.now());
      table.show(message, before);
    },
    end: table.end,
  };
};

/** The rows of a report. A row whose state has not changed keeps its time. */
export const rowsOf = (
  members: readonly MemberReport[],
  before: readonly TableRow[],
  now: number,
): readonly TableRow[] =>
  members.map(({ member, provider, state, question, message }) => {
    const earlier = before.find((row) => row.member === member);
    const since = earlier?.state === state ? earlier.since : now;
    const why = question ?? message;
    return { member, provider, state, since, ...(why === undefined ? {} : { why }) };
  });

const inLines = (output: Output): ShownProgress => {
  const line = createProgressLine(output);
  return {
    show: (progress) => {
      if (progress.state === "interrupted") line.end(progress.message);
      else line.show(lineOf(progress));
    },
    end: () => line.end(),
  };
};

const lineOf = ({ message, members }: LaunchProgress): string => {
  const all = countsOf(members);
  return all === "" ? message : `${message}: ${all}`;
};
