import { basename, resolve } from "node:path";
import { explainCast, parseCast, type ExplainedScreen } from "@trust/dialog-engine";
import { packOf } from "@trust/dialog-engine/packs";
import { explainTranscript, isTranscript, parseTranscript } from "@trust/preflight";
import { visible, systemCode } from "@gatehouse/std";
import { readPlainFile, replaceFile } from "@gatehouse/fs-kit";
import { paintFor, printFailure, printJson, type Io, type Paint } from "@gatehouse/cli-kit";
import { explainPage, type PageStep } from "./explain-page.ts";

export type ExplainFlags = {
  readonly json?: boolean;
  /** The file of the page. */
  readonly html?: string;
};

/** A screen of a recording, in the output of `explain --json`. */
type ScreenReport = {
  /** Milliseconds since the recording's start. */
  readonly at: number;
  /** The matching rule, or the kind of screen. */
  readonly seen: string;
  /** The rules that nearly matched, with their missing parts. */
  readonly near: readonly { readonly ruleId: string; readonly missing: readonly string[] }[];
  readonly decision: string;
  readonly pressed: readonly string[];
  readonly screen: string;
};

const fix = "Name one recording: a .cast file or a .jsonl file that --record DIR wrote.";

/** Replays a recording. Prints, or with `html` writes as a page, each settled screen, the rule that matched or nearly matched, and the decision. */
export const explainCommand = async (
  file: string,
  { json = false, html }: ExplainFlags,
  io: Io,
): Promise<number> => {
  const path = resolve(io.cwd, file);
  const text = await textOf(path);
  if (text.code !== null) {
    printFailure(io, json, { code: "not-readable", message: `${path} cannot be read (${text.code}).`, fix });
    return 1;
  }
  const page = html === undefined ? null : { file: resolve(io.cwd, html), name: basename(path) };
  if (isTranscript(text.value)) return explainConversation(path, text.value, { json, page }, io);
  const cast = parseCast(text.value);
  if (!cast.ok) {
    const { code, line, message } = cast.error;
    printFailure(io, json, { code, message: `${path}, line ${line}: ${message}.`, fix });
    return 1;
  }
  const screens = explainCast(cast.value, packOf(cast.value)).map(reportOf);
  if (page !== null) return writePage(page, screens.map(stepOf), json, io);
  if (json) printJson(io, { ok: true, screens });
  else io.stdout.write(screens.map((screen) => render(screen, paintFor(io))).join("\n"));
  return 0;
};

/** Explains a run over the control protocol, which has no screens: its requests, answers and decisions. */
const explainConversation = async (
  path: string,
  text: string,
  { json, page }: { readonly json: boolean; readonly page: Page | null },
  io: Io,
): Promise<number> => {
  const transcript = parseTranscript(text);
  if (!transcript.ok) {
    const { code, line } = transcript.error;
    printFailure(io, json, {
      code,
      message: `${path}, line ${line}: the line is not an event of a conversation.`,
      fix,
    });
    return 1;
  }
  const steps = explainTranscript(transcript.value);
  if (page !== null)
    return writePage(
      page,
      steps.map(({ at, step, text: said }) => ({ at, title: step, notes: [visible(said)] })),
      json,
      io,
    );
  const { good } = paintFor(io);
  if (json) printJson(io, { ok: true, steps });
  else
    io.stdout.write(
      steps
        .map((event) => `${(event.at / 1000).toFixed(3)} s  ${good(event.step)}: ${visible(event.text)}\n`)
        .join(""),
    );
  return 0;
};

type Page = { readonly file: string; readonly name: string };

/** Writes the page for its owner alone: a recording has what was on a screen. */
const writePage = async (
  { file, name }: Page,
  steps: readonly PageStep[],
  json: boolean,
  io: Io,
): Promise<number> => {
  try {
    await replaceFile(file, explainPage(visible(name), steps));
  } catch (error) {
    const message = `${file} cannot be written (${systemCode(error)}).`;
    printFailure(io, json, { code: "not-writable", message, fix: "Name a file in a folder of yours." });
    return 1;
  }
  if (json) printJson(io, { ok: true, html: file });
  else io.stdout.write(`${file}\n`);
  return 0;
};

const stepOf = ({ at, seen, near, decision, pressed, screen }: ScreenReport): PageStep => ({
  at,
  title: visible(seen),
  screen: screen.split("\n").map(visible).join("\n"),
  notes: [
    ...near.map(({ ruleId, missing }) => `nearly ${ruleId}: ${visible(missing.join(", "))}`),
    `decision: ${visible(decision)}`,
    ...(pressed.length === 0 ? [] : [`pressed: ${visible(pressed.join(" "))}`]),
  ],
});

const textOf = async (path: string): Promise<{ code: null; value: string } | { code: string }> => {
  try {
    return { code: null, value: await readPlainFile(path) };
  } catch (error) {
    return { code: systemCode(error) };
  }
};

const reportOf = ({ at, rows, seen, decision, pressed }: ExplainedScreen): ScreenReport => ({
  at,
  seen: "rule" in seen ? seen.rule.id : seen.type,
  near: seen.type === "unknown" ? seen.near : [],
  decision: decisionText(decision),
  pressed: pressed.map((keys) => JSON.stringify(keys)),
  screen: rows
    .filter((row) => row.trim() !== "")
    .map((row) => row.trimEnd())
    .join("\n"),
});

const decisionText = (decision: ExplainedScreen["decision"]): string => {
  switch (decision.type) {
    case "press":
      return `press ${decision.key}: ${decision.why}`;
    case "wait":
      return `wait: ${decision.why}`;
    case "blocked":
      return `blocked: ${decision.code} (${decision.dialog})`;
    case "ready":
    case "answered":
      return decision.type;
  }
};

const render = (
  { at, seen, near, decision, pressed, screen }: ScreenReport,
  { good, faint }: Paint,
): string =>
  [
    `${(at / 1000).toFixed(3)} s  ${good(seen)}`,
    ...screen.split("\n").map((row) => faint(`  | ${visible(row)}`)),
    ...near.map(({ ruleId, missing }) => `  nearly ${ruleId}: ${visible(missing.join(", "))}`),
    `  decision: ${visible(decision)}`,
    ...(pressed.length === 0 ? [] : [`  pressed: ${visible(pressed.join(" "))}`]),
    "",
  ].join("\n");
