import process from "node:process";

let waiting = 0;
let listener: (() => void) | null = null;

/** Keeps SIGHUP from ending this process. Each signal is counted until a listener is set. */
export const catchHangUps = (): void => {
  process.on("SIGHUP", () => {
    if (listener === null) waiting += 1;
    else listener();
  });
};

/** Calls `act` at each SIGHUP, and at once if one arrived before. Returns a function that unsubscribes it. */
export const onHangUp = (act: () => void): (() => void) => {
  listener = act;
  if (waiting > 0) act();
  waiting = 0;
  return () => {
    listener = null;
  };
};
