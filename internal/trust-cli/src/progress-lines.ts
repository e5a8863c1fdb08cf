import { visible } from "@gatehouse/std";
import type { PreflightEvent } from "@trust/preflight";
import type { Output } from "@gatehouse/cli-kit";

/** One line per folder on a terminal, redrawn at each event; `clear` removes them. */
export type ProgressLines = {
  show(event: PreflightEvent): void;
  clear(): void;
};

export const createProgressLines = (output: Output): ProgressLines => {
  const lines = new Map<string, string>();
  const { columns = 80, rows = 24 } = output;
  let drawn = 0;
  const erase = (): void => {
    if (drawn > 0) output.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  return {
    show: (event) => {
      const { workspace, provider } = event.type === "step" ? event : event.result;
      const text = event.type === "step" ? event.text : event.result.code;
      lines.set(`${provider} ${workspace}`, visible(`${workspace}  ${text}`));
      erase();
      const shown = [...lines.values()].slice(1 - rows);
      output.write(shown.map((line) => `${line.slice(0, columns - 1)}\n`).join(""));
      drawn = shown.length;
    },
    clear: erase,
  };
};
