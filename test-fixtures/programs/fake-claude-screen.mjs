// What fake-claude.mjs draws: a list to choose from, its prompt, and more than anybody reads.
import { after, exit, log, scenario } from "./fake-claude-state.mjs";

export const out = (text) => process.stdout.write(text);
export const draw = (rows) => out(`\x1b[?25l\x1b[H\x1b[2J${rows.join("\r\n")}`);
const rule = "─".repeat(100);

/** Shows a list and resolves with the option that Enter confirmed. Its list does not wrap. */
export const ask = (title, options, footer = "Enter to confirm · Esc to cancel") =>
  new Promise((resolve) => {
    let pointed = 0;
    const drawnAt = Date.now();
    const paint = () =>
      draw([
        rule,
        ...title,
        "",
        ...options.map((label, at) => {
          const number = scenario.numbered ? `${at + 1}. ` : "";
          return `${at === pointed ? " ❯ " : "   "}${number}${label}`;
        }),
        "",
        ` ${footer}`,
      ]);
    paint();
    const redrawing = scenario.redrawMs === null ? null : setInterval(paint, scenario.redrawMs);
    const remounting =
      scenario.remountMs === null
        ? null
        : setTimeout(() => {
            pointed = 0;
            paint();
          }, scenario.remountMs);
    const onKey = (data) => {
      const isLost = Date.now() - drawnAt < scenario.deadMs;
      log("key", { key: data, isLost, pointed: options[pointed] });
      if (isLost) return;
      if (data === "\x1b[A") pointed = Math.max(pointed - 1, 0);
      if (data === "\x1b[B") pointed = Math.min(pointed + 1, options.length - 1);
      if (data !== "\r") return paint();
      process.stdin.off("data", onKey);
      clearInterval(redrawing);
      // A busy machine may bring the key before the timer that was due earlier.
      clearTimeout(remounting);
      resolve(options[pointed]);
    };
    process.stdin.on("data", onKey);
  });

/** A prompt that says how large it believes the terminal to be. Ctrl-D there ends with 7. */
export const compose = () => {
  const { columns, rows } = process.stdout;
  draw([` Claude Code ${columns} x ${rows}`, "", rule, "❯ ", rule, "  ? for shortcuts"]);
};

/** Writes on and on; what is not read yet keeps it waiting. Ctrl-C ends it. */
export const flood = async () => {
  process.stdin.on("data", (key) => key === "\x03" && exit(130, "Ctrl-C"));
  out(scenario.flood);
  log("flood");
  const piece = scenario.floodAgain.repeat(Math.ceil(16_384 / (scenario.floodAgain.length || 1)));
  const startedAt = Date.now();
  for (let written = 0; piece !== ""; written += piece.length) {
    if (!out(piece)) await new Promise((resolve) => process.stdout.once("drain", resolve));
    if (scenario.floodRate !== null) await after((written / scenario.floodRate) * 1000 - (Date.now() - startedAt));
    else await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise(() => setInterval(() => {}, 1000));
};
