import type { Paint } from "@gatehouse/cli-kit";
import {
  type Consent,
  type Launch,
  type Ledger,
  grantList,
  agentClis,
  type PreflightReport,
  type PreflightResult,
  isQuiet,
  type StatusReport,
  codes,
} from "@trust/preflight";
import { shellWord, visible, visibleLines } from "@gatehouse/std";
import { withFlags } from "./with-flags.ts";

/** Human output shows only the last rows of a screen; `--json` has all of it. */
const screenRows = 16;

/** One block per folder: status, folder and code; if it failed, also the message, the screen and the fix. */
export const renderReport = ({ results, launch }: PreflightReport, paint: Paint): string =>
  `${results
    .map((result, at) => renderResult(result, paint, isRepeated(result, results.slice(0, at))))
    .join("")}${renderTogether(results, launch)}`;

/** True if an earlier folder's block has the same message: a missing CLI concerns every folder alike. */
const isRepeated = ({ code, provider }: PreflightResult, above: readonly PreflightResult[]): boolean =>
  code === "cli-not-found" && above.some((result) => result.code === code && result.provider === provider);

/** One launch for several folders: if two separate ones are on a command line, only the last counts. */
const renderTogether = (
  results: readonly PreflightResult[],
  launch: PreflightReport["launch"] = {},
): string =>
  Object.values(agentClis)
    .filter(({ provider }) => results.filter((row) => row.provider === provider && row.launch).length > 1)
    .flatMap(({ provider, file }) => {
      const together = launch[provider];
      return together === undefined ? [] : [`together: ${commandLine(file, together)}\n`];
    })
    .join("");

/** The command that starts a CLI with a launch, quoted for a POSIX shell. */
const commandLine = (file: string, { args, env }: Launch): string => {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${shellWord(value)}`);
  return visible([...variables, file, ...(args.length === 0 ? [] : [shellWords(args)])].join(" "));
};

/** Quotes arguments for a POSIX shell. */
const shellWords = (args: readonly string[]): string => args.map(shellWord).join(" ");

/** The status for a person. If trust is passed at launch, it tells them to do so. */
export const shownStatus = ({ status, launch }: PreflightResult): string =>
  launch === undefined ? status : "start as shown";

const renderResult = (result: PreflightResult, paint: Paint, isRepetition: boolean): string => {
  const { status, code, workspace, trustKey, grants, launch, diagnostics = [], recording } = result;
  const isDone = codes[code].exit === 0;
  const head = (isDone ? paint.good : paint.bad)(shownStatus(result).padEnd(16));
  const details = [
    ...((isDone && code === "trusted") || isRepetition ? [] : [visibleLines(withFlags(result.message))]),
    ...(trustKey === null || trustKey === workspace ? [] : [`key: ${visible(trustKey)}`]),
    ...(grants?.length ? [visible(`grants: ${grantList(grants)}`)] : []),
    ...(launch === undefined ? [] : [`launch: ${commandLine(agentClis[result.provider].file, launch)}`]),
    ...diagnostics.map(({ code: name, message: said }) => visibleLines(`${name}: ${said}`)),
    ...screenLines(result.screen, paint),
    ...(result.fix === undefined || isRepetition ? [] : [visibleLines(`fix: ${withFlags(result.fix)}`)]),
    ...(recording === undefined ? [] : [visible(`recording: ${recording}`)]),
  ];
  const took = paint.faint(`${(result.durationMs / 1000).toFixed(2)} s`);
  const named = code === status ? "" : `  ${code}`;
  return [`${head} ${visible(workspace)}${named}  ${took}`, ...details.map(indented)].join("\n") + "\n";
};

/** Folders that became trusted without being named. Printed even if the report goes elsewhere. */
export const renderAlarms = ({ results }: PreflightReport): string =>
  results
    .filter(({ code }) => code === "trust-wider-than-planned")
    .map(({ message, fix = "" }) => `WARNING: ${visibleLines(message)}\n${visibleLines(fix)}\n`)
    .join("");

/** Indents all lines of a detail. */
const indented = (detail: string): string =>
  detail
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");

/** The screen's last rows, indented; empty if there is no screen. */
export const screenLines = (screen: string | undefined, paint: Paint): readonly string[] =>
  screen === undefined
    ? []
    : screen
        .split("\n")
        .filter((row) => row.trim() !== "")
        .slice(-screenRows)
        .map((row) => paint.faint(`| ${visible(row)}`));

/** One line per folder, and below it the grants of its own files. */
export const renderStatus = ({ results }: StatusReport, paint: Paint): string =>
  results
    .map((status) => {
      const { state, workspace, why, grants } = status;
      const head = (isQuiet(status) ? paint.good : paint.bad)(state.padEnd(10));
      const granted = grants?.length ? `    ${visible(`grants: ${grantList(grants)}`)}\n` : "";
      return `${head} ${visible(workspace)}  ${paint.faint(visible(why))}\n${granted}`;
    })
    .join("");

/** One line per consent, oldest first; only those of `folder` if one was given. */
export const renderConsents = ({ consents, unreadable }: Ledger, paint: Paint, folder?: string): string => {
  const lines = consents.map((consent) => renderConsent(consent, paint));
  const note = unreadable === 0 ? "" : `${unreadable} lines of the ledger could not be read.\n`;
  const none = `No consents are recorded${folder === undefined ? "" : ` for ${visible(folder)}`}.\n`;
  return consents.length === 0 ? `${none}${note}` : `${lines.join("")}${note}`;
};

const renderConsent = (consent: Consent, paint: Paint): string => {
  const { at, who, provider, cliVersion, outcome, folder, key, grants, unplanned = [] } = consent;
  const program = visible([provider, cliVersion].filter(Boolean).join(" "));
  const outcomeText =
    codes[outcome === "unfinished" ? "cancelled" : outcome].exit === 0 ? paint.good : paint.bad;
  const where = visible(folder === key ? folder : `${folder} (key ${key})`);
  const granted = grants.length === 0 ? "" : `  grants: ${visible(grantList(grants))}`;
  const besides = unplanned.length === 0 ? "" : `  not planned: ${visible(unplanned.join(", "))}`;
  return `${visible(at)}  ${visible(who.name)} (${who.uid})  ${program}  ${outcomeText(outcome)}  ${where}${granted}${besides}\n`;
};
