import { createProgressLine, type Output } from "@gatehouse/cli-kit";
import type { LaunchProgress } from "@trust/team-launch";

export type ShownProgress = {
  readonly show: (progress: LaunchProgress) => void;
  readonly end: () => void;
};

/** One line that tells how many agents are where; a launch whose launcher was killed keeps a line of its own. */
export const showProgress = (output: Output | null): ShownProgress => {
  if (output === null) return { show: () => {}, end: () => {} };
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
  const counts = new Map<string, number>();
  for (const { state } of members) counts.set(state, (counts.get(state) ?? 0) + 1);
  const all = [...counts].map(([state, many]) => `${many} ${state}`).join(", ");
  return all === "" ? message : `${message}: ${all}`;
};
