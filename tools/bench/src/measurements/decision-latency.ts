import { driveDialogs, type RulePack } from "@trust/dialog-engine";
import { systemClock } from "@trust/dialog-engine/node";
import { claudePack } from "@trust/dialog-engine/packs";
import { setTimeout as after } from "node:timers/promises";
import { fakeTerminal } from "../inputs/fake-terminal.ts";
import { trustDialog, trustedFolder } from "../inputs/trust-dialog.ts";
import type { Figure, Measurement } from "../measurement.ts";

/**
 * The dead window belongs to the CLI, so it is 0 here: only the engine's own wait for a still screen and its
 * work remain.
 */
const pack: RulePack = { ...claudePack, deadWindowMs: 0 };

/** The time from the dialog's last byte to the first key. */
const engine = async (): Promise<Figure> => {
  const abort = new AbortController();
  let decidedAt = 0;
  const terminal = fakeTerminal(() => {});
  const run = driveDialogs({
    terminal,
    clock: systemClock,
    pack,
    consents: { trust: "accept" },
    folder: { path: trustedFolder },
    until: "proof",
    signal: abort.signal,
    onEvent: ({ type }) => {
      if (type !== "key") return;
      decidedAt = performance.now();
      abort.abort();
    },
  });
  for (const chunk of trustDialog) terminal.say(chunk);
  const saidAt = performance.now();
  const { outcome } = await run;
  return decidedAt > 0 ? { ok: true, value: decidedAt - saidAt } : { ok: false, error: `no key: ${outcome}` };
};

const timer = async (): Promise<Figure> => {
  const startedAt = performance.now();
  await after(25);
  return { ok: true, value: performance.now() - startedAt };
};

export const decisionLatency: Measurement = {
  name: "decision",
  title:
    "From a dialog's last byte to the engine's first key: its still wait and its work, without the CLI's dead window",
  unit: "ms",
  floor: "a timer of 25 ms",
  bounds: { engine: { atMost: 1 } },
  rounds: { full: 50, quick: 10 },
  prepare: async () => ({
    ok: true,
    value: {
      contenders: [
        { name: "a timer of 25 ms", run: timer },
        { name: "engine", run: engine },
      ],
    },
  }),
};
