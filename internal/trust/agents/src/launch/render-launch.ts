import type { Paint } from "@gatehouse/cli-kit";
import { visible, visibleLines, shellWord } from "@gatehouse/std";
import type { LaunchReport, MemberReport, LaunchError } from "@trust/team-launch";
import { withFlags } from "@gatehouse/trust-cli";
import { agentClis, type Provider } from "@trust/preflight";

/** The states in which a member needs no attention. */
export const goodStates: ReadonlySet<string> = new Set(["ready", "working"]);

/** One line for each member, with its reason and fix below; then the launch. */
export const renderLaunch = ({ launch, members, error }: LaunchReport, paint: Paint): string => {
  const head = (launch.state === "ready" ? paint.good : paint.bad)(launch.state.padEnd(9));
  const isShown = members.some(({ message }) => message !== undefined && message === error?.message);
  const isHelped = isShown && (error?.fix === undefined || members.some(({ fix }) => fix === error.fix));
  const why = [
    ...(error === undefined || isShown ? [] : messagesOf(error)),
    ...(error?.fix === undefined || isHelped ? [] : [`fix: ${error.fix}`]),
  ];
  const last = `${head} ${visible(launch.team)}  ${paint.faint(launch.id)}\n`;
  return members.map((member) => renderMember(member, paint)).join("") + last + indented(why.join("\n"));
};

export const renderMember = (report: MemberReport, paint: Paint): string => {
  const { member, provider, folder, state, code, question, fix, warning } = report;
  const head = (goodStates.has(state) ? paint.good : paint.bad)(state.padEnd(9));
  const named = code === undefined ? "" : `  ${code}`;
  const warned = warning === undefined ? [] : [`warning: ${warning.message}`, `fix: ${warning.fix ?? ""}`];
  const asked = question === undefined ? [] : [question];
  const help = fix === undefined ? [] : [`fix: ${fix}`];
  const below = [...messagesOf(report), ...asked, ...help, ...warned].join("\n");
  return `${head} ${visible(`${member}  ${provider}  ${folder}`)}${visible(named)}\n${indented(below)}`;
};

/** The heading of a failure, its message word for word, and the preflight's message. */
const messagesOf = ({
  title,
  message,
  preflight,
}: Pick<MemberReport, "title" | "message" | "preflight">): readonly string[] =>
  [title, message, preflight === undefined ? undefined : `Preflight: ${preflight}`].filter(
    (text) => text !== undefined,
  );

/** The lines of a text, indented by four spaces; empty for an empty text. */
const indented = (text: string): string =>
  text.trim() === ""
    ? ""
    : `${visibleLines(text)
        .split("\n")
        .map((line) => `    ${line.trimEnd()}`)
        .join("\n")}\n`;

/** The subject of a fix: the team, and the member if it is about one. */
type About = {
  readonly team: string;
  readonly member?: { readonly member: string; readonly provider: Provider; readonly folder: string };
};

type Failed = Pick<LaunchError, "fix"> & { readonly code?: string | undefined };

/** Fixes with our commands, by the failure's code. The library's own fixes name no program. */
const fixes: Readonly<Record<string, (about: About) => string | undefined>> = {
  cancelled: ({ team }) => `gatehouse ps shows them; gatehouse stop ${team} ends them`,
  "lock-timeout": () => "wait for it, or end it; gatehouse launches list",
  "member-runs-elsewhere": (about) => stopMember(about),
  "runs-as-it-was": (about) => stopMember(about),
  waiting: () => "gatehouse ps --waiting, then gatehouse answer or attach",
  "not-ready-in-time": () => "gatehouse screen, or gatehouse ps",
  "consent-needed": ({ member }) =>
    member !== undefined && agentClis[member.provider].trust === "on-request"
      ? `workspace-trust ${shellWord(member.folder)} --provider ${member.provider} --persist, then launch again`
      : undefined,
  workspace_trust_required: ({ member }) => (member === undefined ? undefined : trustFolder(member)),
};

const stopMember = ({ team, member }: About): string | undefined =>
  member === undefined ? undefined : `gatehouse stop ${team}/${member.member}, and launch again`;

/** The agent asked although trust was prepared or passed: only trust that its CLI has recorded helps. */
const trustFolder = ({ folder, provider }: NonNullable<About["member"]>): string => {
  const chosen = provider === "claude" ? "" : ` --provider ${provider} --persist`;
  return `workspace-trust ${shellWord(folder)}${chosen}, then launch again`;
};

/**
 * The failure with a fix that a person can type: our command, else the library's fix with the flags of
 * `launch`.
 */
export const withCommand = <F extends Failed>(failure: F, about: About): F => {
  if (failure.fix === undefined) return failure;
  const fix = fixes[failure.code ?? ""]?.(about) ?? withFlags(failure.fix);
  return { ...failure, fix };
};

/**
 * The report of a launch with such fixes. Its error is treated as the member's, if a member has the same
 * code.
 */
export const withCommands = (report: LaunchReport): LaunchReport => {
  const { team } = report.launch;
  const { error } = report;
  const failed = report.members.find(({ code }) => code !== undefined && code === error?.code);
  return {
    ...report,
    members: report.members.map((member) => {
      const about = { team, member };
      const { warning } = member;
      return {
        ...withCommand(member, about),
        ...(warning === undefined ? {} : { warning: withCommand(warning, about) }),
      };
    }),
    ...(error === undefined
      ? {}
      : { error: withCommand(error, failed === undefined ? { team } : { team, member: failed }) }),
  };
};
