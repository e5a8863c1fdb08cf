import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";

/** Between an answer and the next question, ms. */
const pauseMs = 3;

/** Asks a host for something small, again and again. `end` gives the time of each answer, ms. */
export const watchAnswers = (dataDir: string): { readonly end: () => Promise<readonly number[]> } => {
  const socket = connect(join(dataDir, "ncl.sock"));
  const times: number[] = [];
  let isOver = false;
  const answered = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const take = (part: Buffer): void => {
        if (!part.includes("\n")) return;
        socket.off("data", take).off("error", reject);
        resolve();
      };
      socket.on("data", take).on("error", reject);
    });
  const ask = async (): Promise<void> => {
    while (!isOver) {
      const startedAt = performance.now();
      socket.write(`${JSON.stringify({ id: "1", command: "groups-list", args: {} })}\n`);
      await answered();
      times.push(performance.now() - startedAt);
      await after(pauseMs);
    }
  };
  const done = ask();
  return {
    end: async () => {
      isOver = true;
      await done;
      socket.destroy();
      return times;
    },
  };
};
