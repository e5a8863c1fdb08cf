import { createScreen } from "@trust/dialog-engine";
import xterm from "@xterm/headless";
import { setTimeout as after } from "node:timers/promises";
import process from "node:process";
import { trustDialog } from "../inputs/trust-dialog.ts";

/**
 * Started by `dialog-memory.ts` with --expose-gc: opens many screens with a dialog on them and reports their
 * cost.
 */

const count = 200;

const kinds: { readonly [name: string]: () => { readonly write: (data: string) => void } } = {
  bare: () => new xterm.Terminal({ cols: 120, rows: 40, scrollback: 0, allowProposedApi: true }),
  screen: () => createScreen(120, 40),
};

const used = async (): Promise<{ readonly heap: number; readonly rss: number }> => {
  for (let turn = 0; turn < 5; turn += 1) {
    globalThis.gc?.();
    await after(20);
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
  return { heap: heapUsed + arrayBuffers, rss };
};

const open = kinds[process.argv[2] ?? ""];
if (open === undefined) throw new TypeError("name a kind of screen");

const openOne = () => {
  const screen = open();
  for (const chunk of trustDialog) screen.write(chunk);
  return screen;
};

/** Loads and compiles everything before the first reading. */
const first = openOne();
const before = await used();
const screens = Array.from({ length: count }, openOne);
const now = await used();
const perDialog = (bytes: number): number => bytes / 1024 / count;
process.send?.({ heap: perDialog(now.heap - before.heap), rss: perDialog(now.rss - before.rss) });
/** Still needed here, so none of them was collected before the second reading. */
process.exitCode = first && screens.length === count ? 0 : 1;
