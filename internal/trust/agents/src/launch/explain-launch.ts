import { paintFor, printJson, type Failure, type Io, type Paint } from "@gatehouse/cli-kit";
import { visible, visibleLines } from "@gatehouse/std";
import { grantList } from "@trust/preflight";
import type { ExplainedMember, LaunchRequest } from "@trust/team-launch";
import { explainTeam } from "@trust/team-launch/node";
import { heldAgentPort } from "./held-agent-port.ts";
import { withCommand } from "./render-launch.ts";

/** Prints what a launch would do. Returns 1 if it would be blocked. */
export const printExplanation = async (
  request: LaunchRequest,
  redact: (text: string) => string,
  { isJson, io }: { readonly isJson: boolean; readonly io: Io },
): Promise<number> => {
  const { findCli } = heldAgentPort(request, io.signal, null);
  const explained = await explainTeam(
    request,
    { signal: io.signal, redact },
    findCli === undefined ? {} : { findCli },
  );
  const { ok, team, warnings } = explained;
  const members = explained.members.map((member) => withCommand(member, { team, member }));
  if (isJson)
    printJson(io, { ok, plan: { team, members, warnings }, ...(ok ? {} : { error: errorOf(members) }) });
  else {
    const paint = paintFor(io);
    io.stdout.write(members.map((member) => renderExplained(member, paint)).join(""));
    for (const warning of warnings) io.stdout.write(`warning: ${visibleLines(warning)}\n`);
    const end = ok ? paint.good("would start") : paint.bad("would be blocked");
    io.stdout.write(
      `${end} ${visible(team)}  ${paint.faint("nothing was written, and nothing was started")}\n`,
    );
  }
  return ok ? 0 : 1;
};

/** Why the launch would be blocked: the first member's reason. */
const errorOf = (members: readonly ExplainedMember[]): Failure => {
  const blocked = members.find(({ trust }) => trust === "blocked");
  const { code = "blocked", message = "The launch would be blocked.", fix } = blocked ?? {};
  return { code, message, ...(fix === undefined ? {} : { fix }) };
};

const words: { readonly [T in ExplainedMember["trust"]]: string } = {
  trusted: "trusted",
  ask: "to trust",
  passed: "at launch",
  left: "left",
  blocked: "blocked",
  failed: "failed",
};

const renderExplained = (explained: ExplainedMember, paint: Paint): string => {
  const { member, provider, folder, trust, code, message, fix, trustKey, grants, branch, cli } = explained;
  const isBad = trust === "blocked" || trust === "failed";
  const isTold = isBad || trust === "left";
  const head = (isBad ? paint.bad : paint.good)(words[trust].padEnd(9));
  const named = code === undefined ? "" : `  ${code}`;
  const details = [
    ...(message === undefined || !isTold ? [] : [message]),
    ...(fix === undefined ? [] : [`fix: ${fix}`]),
    ...(trustKey === null || trustKey === folder ? [] : [`key: ${trustKey}`]),
    ...(grants?.length ? [`grants: ${grantList(grants)}`] : []),
    ...(branch === undefined ? [] : [`worktree: to be made, branch ${branch}`]),
    ...(cli === undefined ? [] : [`cli: ${cli ?? "none was found"}`]),
  ];
  const below = details.map((line) => `    ${visible(line)}\n`).join("");
  return `${head} ${visible(`${member}  ${provider}  ${folder}`)}${named}\n${below}`;
};
