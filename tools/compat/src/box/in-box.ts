import { openBox, type Box } from "./box.ts";
import { endProcesses } from "./leftovers.ts";

/** Runs in a new box. Afterwards the programs that still run there are ended, and the box is removed. */
export const inBox = async <T>(run: (box: Box) => Promise<T>): Promise<T> => {
  const box = openBox();
  try {
    return await run(box);
  } finally {
    endProcesses(box);
    box.remove();
  }
};
