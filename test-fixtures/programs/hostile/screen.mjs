// What the hostile programs draw with: Claude Code's trust dialog, its composer, a list that is moved by keys.
import process from "node:process";

export const rule = "─".repeat(100);
export const labels = ["No, exit", "Yes, I trust this folder"];
export const footer = " Enter to confirm · Esc to cancel";

/** The dialog's text as 2.1.328 writes it, up to its list. */
export const head = (folder = process.cwd()) => [
  " Accessing workspace:",
  "",
  ` ${folder}`,
  "",
  " Quick safety check: Is this a project you created or one you trust? (Like your own code, a well-known",
  " open source project, or work from your team). If not, take a moment to review what's in this folder first.",
  "",
  " Claude Code'll be able to read, edit, and execute files here.",
  "",
  " Security guide",
  "",
];

export const list = (pointed, options = labels, glyph = "❯") =>
  options.map((label, at) => ` ${at === pointed ? glyph : " "} ${label}`);

export const trust = (pointed, { folder, options, glyph } = {}) => [
  rule,
  ...head(folder),
  ...list(pointed, options, glyph),
  "",
  footer,
];

export const out = (text) => process.stdout.write(text);
export const draw = (rows) => out(`\x1b[?25l\x1b[H\x1b[2J${rows.join("\r\n")}`);

/** The composer: whatever was asked is answered now. */
export const compose = () => draw([rule, "❯ ", rule, "  ? for shortcuts"]);

/** A list of `count` options that arrows move in and Enter confirms. `paint` draws it with the pointer on an option. */
export const ask = (paint, { count = 2, onConfirm = compose } = {}) => {
  let pointed = 0;
  let isAsked = true;
  process.stdin.setRawMode(true);
  process.stdin.setEncoding("utf8").on("data", (data) => {
    if (!isAsked) return;
    if (data === "\x1b[A") pointed = Math.max(pointed - 1, 0);
    if (data === "\x1b[B") pointed = Math.min(pointed + 1, count - 1);
    isAsked = !data.includes("\r");
    if (isAsked) paint(pointed);
    else onConfirm();
  });
  paint(pointed);
  setInterval(() => {}, 1_000);
};

/** Asks one question after the other, each by its rows with the pointer on an option. */
export const askInTurn = ([question, ...rest]) => {
  process.stdin.removeAllListeners("data");
  if (question === undefined) return compose();
  ask((pointed) => draw(question(pointed)), { onConfirm: () => askInTurn(rest) });
};
