import type { Paint } from "@gatehouse/cli-kit";
import { visible, visibleLines } from "@gatehouse/std";
import type { LaunchReport, MemberReport } from "@trust/team-launch";

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
