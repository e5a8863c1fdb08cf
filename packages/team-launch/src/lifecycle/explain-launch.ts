import { agentClis, explain, type Grant, type PlannedFolder, type Provider } from "@trust/preflight";
import { fixInLaunch } from "../fix-in-launch.ts";
import { flagVariables } from "../flags.ts";
import { outcomes } from "../outcome.ts";
import { isStop, type LaunchRequest } from "../stages/launch-facts.ts";
import { byMember } from "../stages/launch-workspaces.ts";
import { leftAloneWarning } from "../stages/left-alone-warning.ts";
import { factsOf, planSteps } from "../stages/plan-steps.ts";
import type { JournalEntry } from "./journal.ts";
import { launchJournal } from "./launch-journal.ts";
import type { LaunchPorts } from "./launch-ports.ts";
import type { MemberReport } from "./launch-run.ts";
import type { LaunchSetting } from "./launch-team.ts";

/** The plan of a launch for one member. */
export type ExplainedMember = {
  readonly member: string;
  readonly provider: Provider;
  /** The folder in which it would work. A worktree may not exist yet. */
  readonly folder: string;
  /**
   * `trusted`: nothing to do. `ask`: the launch would ask the CLI for trust. `passed`: trust is passed at each start.
   * `left`: a flag leaves its trust alone. `blocked`: the launch would be blocked.
   */
  readonly trust: "trusted" | "ask" | "passed" | "left" | "blocked" | "failed";
  readonly code?: string;
  readonly message?: string;
  readonly fix?: string;
  readonly trustKey: string | null;
  readonly grants: readonly Grant[] | null;
  /** The branch of the worktree that would be made. */
  readonly branch?: string;
  /** The CLI's path; null if there is none, missing if it was not searched for. */
  readonly cli?: string | null;
};

export type LaunchExplanation = {
  /** False if the launch would be blocked. */
  readonly ok: boolean;
  readonly team: string;
  readonly members: readonly ExplainedMember[];
  readonly warnings: readonly string[];
};

/** Runs the steps of a launch up to its run, which only read. */
export const explainLaunch = async (
  request: LaunchRequest,
  ports: LaunchPorts,
  { redact, ...watch }: LaunchSetting,
): Promise<LaunchExplanation> => {
  const journal = launchJournal(ports);
  let facts = factsOf(request);
  for (const { act } of planSteps) {
    const end = await act(facts, { ports, signal: watch.signal, note: journal.note, watch, redact });
    if (!isStop(end)) facts = end;
  }
  const { plan, worktrees, reports, workspaces, clis } = facts;
  const folderOf = byMember(plan?.folders ?? [], workspaces);
  const isOff = !request.flags.preflight;
  const members = facts.members.map((own): ExplainedMember => {
    const { name, provider, cwd } = own;
    const worktree = worktrees.get(name);
    const refused = reports.find(({ member }) => member === name);
    const cli = clis.get(provider);
    const { warning } = plan === null ? {} : leftAloneWarning(own, facts);
    return {
      member: name,
      provider,
      folder: cwd,
      ...trustOf(folderOf(own)),
      ...(warning === undefined ? {} : { trust: "left", ...warning }),
      ...(isOff ? { trust: "left", ...preflightOff } : {}),
      ...(refused === undefined ? {} : blockedBy(refused)),
      ...(worktree === undefined || worktree.exists ? {} : { branch: worktree.branch }),
      ...(cli === undefined ? {} : { cli: cli.ok ? cli.value : null }),
    } as ExplainedMember;
  });
  const isBlocked = members.some(({ trust }) => trust === "blocked");
  return { ok: !isBlocked, team: request.team.name, members, warnings: warningsIn(journal.entries) };
};

/** For a launch that prepares no trust. */
const preflightOff = {
  code: "trust-left-alone",
  message: `${flagVariables.preflight} is off: no trust is prepared, and the agents may ask.`,
  fix: `unset ${flagVariables.preflight}`,
} as const;

const blockedBy = ({ code, message, fix }: MemberReport) => ({
  trust: "blocked",
  code,
  message,
  ...(fix === undefined ? {} : { fix }),
});

const trustOf = (
  folder: PlannedFolder | undefined,
): Pick<ExplainedMember, "trust" | "code" | "message" | "fix" | "trustKey" | "grants"> => {
  if (folder === undefined) return { trust: "passed", trustKey: null, grants: null };
  const { verdict, trustKey, grants, workspace, provider } = folder;
  if (verdict === null) return { trust: "ask", trustKey, grants };
  const { code } = verdict;
  const outcome = outcomes[code];
  const told = explain(verdict, { workspace, cli: agentClis[provider] });
  const consent = "consent" in verdict ? { consent: verdict.consent } : {};
  const fix = fixInLaunch({ ...told, ...consent, workspace, provider });
  const known = { code, trustKey, grants, ...told, ...fix };
  if (outcome === "ok") return { trust: code === "passed-at-launch" ? "passed" : "trusted", ...known };
  return { trust: outcome === "blocked" ? "blocked" : "failed", ...known };
};

const warningsIn = (entries: readonly JournalEntry[]): readonly string[] =>
  entries.flatMap((entry) => (entry.type === "warning" ? [entry.message] : []));
