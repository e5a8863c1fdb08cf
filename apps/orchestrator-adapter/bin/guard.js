// Outlives an adapter that was killed: then the pipe from it ends. The agent's terminal hangs up at that moment, and an
// agent that takes no notice of it is ended here, with its group. Started with the group's id.
import process from "node:process";

const group = Number(process.argv[2]);
/** Time to end by the hangup, and between two looks; milliseconds. */
const [graceMs, lookMs] = [1_000, 20];

/** Signals the group; 0 only asks whether it is there. */
const reaches = (signal) => {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
    return false;
  }
};

const look = (leftMs) => {
  if (!reaches(0)) return;
  if (leftMs <= 0) reaches("SIGKILL");
  else setTimeout(() => look(leftMs - lookMs), lookMs);
};

process.stdin.on("end", () => look(graceMs)).resume();
