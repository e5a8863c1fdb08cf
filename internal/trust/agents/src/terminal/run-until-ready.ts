import { driveDialogs, redactText, screenText, secretsIn, type DriveResult } from "@trust/dialog-engine";
import { openPty, systemClock } from "@trust/dialog-engine/node";
import { claudePack } from "@trust/dialog-engine/packs";
import { endAgent, shellCode } from "@gatehouse/processes";
import type { AgentEnd } from "./agent-report.ts";
import { type AgentStart, startedFolder } from "./agent-start.ts";

/**
 * Starts the agent unattended, answers its dialogs until its composer appears, and ends it. Calls `onBlank`
 * each time its screen has been blank for some seconds.
 */
export const runUntilReady = async (
  start: AgentStart,
  signal: AbortSignal,
  onBlank: () => void,
): Promise<AgentEnd> => {
  const { file, cwd, env, consents, limits, stateFile } = start;
  const opened = await openPty({ file, args: [], cwd, env: { ...env, TERM: "xterm-256color" } });
  if (!opened.ok) return { state: "failed", code: "pty-unavailable", detail: opened.error.message };
  const terminal = opened.value;
  const driven = await driveDialogs({
    terminal,
    clock: systemClock,
    pack: claudePack,
    consents,
    folder: startedFolder(start),
    limits,
    until: "ready",
    signal,
    onEvent: ({ type }) => {
      if (type === "blank") onBlank();
    },
  });
  await endAgent(terminal, stateFile);
  return agentEnd(
    driven,
    screenText(driven.screen, (text) => redactText(text, secretsIn(env), env["HOME"])),
  );
};

const agentEnd = (driven: DriveResult, screen: string): AgentEnd => {
  switch (driven.outcome) {
    case "proven":
    case "ready":
    case "answered":
    case "ready-unproven":
      return { state: "ready", code: "ready" };
    case "blocked": {
      const { code, dialog, consent } = driven;
      return { state: "blocked", code, dialog, ...(consent === undefined ? {} : { consent }), screen };
    }
    case "exited":
      return {
        state: "exited",
        code: "cli-exited",
        exitCode: shellCode(driven),
        screen,
      };
    case "timeout":
    case "cancelled":
      return { state: "failed", code: driven.outcome, screen };
  }
};
