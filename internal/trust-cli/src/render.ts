import type { Paint } from "@gatehouse/cli-kit";
import {
  type Consent,
  type Ledger,
  grantList,
  agentClis,
  type PreflightReport,
  type PreflightResult,
  isQuiet,
  type StatusReport,
  codes,
} from "@trust/preflight";
import type { DoctorReport } from "./doctor-report.ts";
import { visible, visibleLines } from "@gatehouse/std";

/** A screen in human output is cut to its last rows; `--json` has all of it. */
const screenRows = 16;

/** One block a folder: status, folder and code; where it is not done, what happened, the screen, and the fix. */
export const renderReport = ({ results, launch }: PreflightReport, paint: Paint): string =>
  `${results.map((result) => renderResult(result, paint)).join("")}${renderTogether(results, launch)}`;

/** The launch for several folders: of two that are put together only the last counts. */
const renderTogether = (
  results: readonly PreflightResult[],
  launch: PreflightReport["launch"] = {},
): string =>
  Object.values(agentClis)
    .filter(({ provider }) => results.filter((row) => row.provider === provider && row.launch).length > 1)
    .flatMap(({ provider, file }) => {
      const together = launch[provider];
      return together === undefined ? [] : [`together: ${file} ${visible(shellWords(together.args))}\n`];
    })
    .join("");

/** Arguments as a POSIX shell takes them. */
const shellWords = (args: readonly string[]): string =>
  args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)).join(" ");

const renderResult = (result: PreflightResult, paint: Paint): string => {
  const { status, code, workspace, trustKey, grants, launch, diagnostics = [], recording } = result;
  const isDone = codes[code].exit === 0;
  const head = (isDone ? paint.good : paint.bad)(status.padEnd(16));
  const details = [
    ...(isDone && code === "trusted" ? [] : [visibleLines(result.message)]),
    ...(trustKey === null || trustKey === workspace ? [] : [`key: ${visible(trustKey)}`]),
    ...(grants?.length ? [visible(`grants: ${grantList(grants)}`)] : []),
    ...(launch === undefined
      ? []
      : [`launch: ${agentClis[result.provider].file} ${visible(shellWords(launch.args))}`]),
    ...diagnostics.map(({ code: name, message: said }) => visibleLines(`${name}: ${said}`)),
    ...screenLines(result.screen, paint),
    ...(result.fix === undefined ? [] : [visibleLines(`fix: ${result.fix}`)]),
    ...(recording === undefined ? [] : [visible(`recording: ${recording}`)]),
  ];
  const took = paint.faint(`${(result.durationMs / 1000).toFixed(2)} s`);
  const named = code === status ? "" : `  ${code}`;
  return [`${head} ${visible(workspace)}${named}  ${took}`, ...details.map(indented)].join("\n") + "\n";
};

/** What has to be heard wherever the report goes: folders that became trusted and that nobody named. */
export const renderAlarms = ({ results }: PreflightReport): string =>
  results
    .filter(({ code }) => code === "trust-wider-than-planned")
    .map(({ message, fix = "" }) => `WARNING: ${visibleLines(message)}\n${visibleLines(fix)}\n`)
    .join("");

/** Further lines of a detail stand below its first. */
const indented = (detail: string): string =>
  detail
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");

/** The screen's last rows, set off; none where there is no screen. */
export const screenLines = (screen: string | undefined, paint: Paint): readonly string[] =>
  screen === undefined
    ? []
    : screen
        .split("\n")
        .filter((row) => row.trim() !== "")
        .slice(-screenRows)
        .map((row) => paint.faint(`| ${visible(row)}`));

/** One line a folder. */
export const renderStatus = ({ results }: StatusReport, paint: Paint): string =>
  results
    .map((status) => {
      const { state, workspace, why } = status;
      const head = (isQuiet(status) ? paint.good : paint.bad)(state.padEnd(10));
      return `${head} ${visible(workspace)}  ${paint.faint(visible(why))}\n`;
    })
    .join("");

/** One line a check and a provider, and the fix below it. Claude Code stands among the checks. */
export const renderDoctor = ({ checks, providers }: DoctorReport, paint: Paint): string =>
  [...checks, ...otherProviders(providers)]
    .map(({ name, ok, message, fix }) => {
      const head = ok ? paint.good("ok  ") : paint.bad("FAIL");
      return `${head} ${name.padEnd(10)} ${below(message)}\n${fix === undefined ? "" : `     fix: ${below(fix)}\n`}`;
    })
    .join("");

/** Further lines stand below the first, so that none looks like a row of its own. */
const below = (text: string): string => visibleLines(text).replaceAll("\n", "\n     ");

const otherProviders = (providers: DoctorReport["providers"]): readonly DoctorRow[] =>
  providers
    .filter(({ provider }) => provider !== "claude")
    .map(({ provider, ...check }) => ({ name: provider, ...check }));

type DoctorRow = Omit<DoctorReport["checks"][number], "name"> & { readonly name: string };

/** One line a consent, oldest first; `folder` is the one that was asked about, if one was. */
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
