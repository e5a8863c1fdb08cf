import { defined } from "@gatehouse/std";
import {
  effectiveState,
  type LaunchError,
  type LaunchState,
  type MemberReport,
  type MemberState,
} from "./launch-run.ts";

/** The failure of the first member that has ended, else that waits, else that starts. Undefined if the launch is ready. */
export const whyNotReady = (
  members: readonly MemberReport[],
  state: LaunchState,
): LaunchError | undefined => {
  if (state === "ready") return undefined;
  const hasState = (member: MemberReport): boolean => {
    const own = effectiveState(member);
    return own === state || (state === "ended" && (own === "lost" || own === "blocked"));
  };
  const found = members.find(hasState);
  return found === undefined ? undefined : failureOf(found);
};

const failureOf = ({ member, state, code, title, message, preflight, fix }: MemberReport): LaunchError => {
  const usual = usualFailures[state] ?? { code: "ended", message: "has ended." };
  const help = fix ?? fixes.get(code ?? "") ?? usual.fix;
  return {
    code: code ?? usual.code,
    message: message ?? `${member} ${usual.message}`,
    ...defined({ title, preflight, fix: help }),
  };
};

/** Fixes for agents that ended because a person must act first. */
const fixes: ReadonlyMap<string, string> = new Map([
  ["sign-in-needed", "Start its CLI once in a terminal, sign in, and launch again."],
  ["no-connection", "Connect this machine (or set HTTPS_PROXY), and launch again."],
]);

const usualFailures: { readonly [S in MemberState]?: LaunchError } = {
  waiting: {
    code: "waiting",
    message: "waits for a person.",
    fix: "answer its question",
  },
  starting: {
    code: "not-ready-in-time",
    message: "was not ready in time. It keeps running.",
    fix: "look at its screen",
  },
};
