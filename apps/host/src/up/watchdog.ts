import { Worker } from "node:worker_threads";

type WatchdogOptions = {
  /** Asks the database something. A refusal is an answer too: a restart mends no server that is away. */
  readonly ask: () => Promise<unknown>;
  /** Called with the error if the watching thread itself ends. */
  readonly report: (error: unknown) => void;
  /** The time between two looks, ms. For tests. */
  readonly everyMs?: number;
  /** How many looks may see nothing new. For tests. */
  readonly looks?: number;
};

/** Together 90 s: a query has an answer or an error within 25 s, also from a server that is away. */
const usualEveryMs = 5_000;
const usualLooks = 18;

/**
 * The thread that watches. It counts looks, and not time: while the machine sleeps, it sleeps too. It kills, because an event
 * loop that stands still handles no signal.
 */
const watcher = `
const { workerData: { answers, everyMs, looks } } = require("node:worker_threads");
let [seen, missed] = [0, 0];
setInterval(() => {
  const now = Atomics.load(answers, 0);
  missed = now === seen ? missed + 1 : 0;
  seen = now;
  if (missed < looks) return;
  try {
    require("node:fs").writeSync(2, "The host has answered nothing for " + (looks * everyMs) / 1000 + " s: it ends itself, and its agents run on.\\n");
  } finally {
    process.kill(process.pid, "SIGKILL");
  }
}, everyMs);`;

/**
 * Kills this process once its event loop stands still, or its database leaves a question open for ever. Its agents live, and its
 * service manager starts it again. Returns a function that ends the watch.
 */
export const startWatchdog = ({
  ask,
  report,
  everyMs = usualEveryMs,
  looks = usualLooks,
}: WatchdogOptions): (() => Promise<unknown>) => {
  const answers = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { answers, everyMs, looks };
  // Without the options of this process: the thread needs no loader of sources.
  const thread = new Worker(watcher, { eval: true, execArgv: [], workerData }).on("error", report);
  thread.unref();
  let timer: NodeJS.Timeout | null = null;
  const answered = (): void => {
    Atomics.add(answers, 0, 1);
    timer = setTimeout(next, everyMs).unref();
  };
  const next = (): void => void ask().then(answered, answered);
  next();
  return () => {
    if (timer !== null) clearTimeout(timer);
    return thread.terminate();
  };
};
