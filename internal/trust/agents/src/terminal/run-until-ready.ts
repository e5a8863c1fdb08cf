import {
  driveDialogs,
  redactText,
  screenText,
  secretsIn,
  type DriveResult,
  type DriveBlockedCode,
} from "@trust/dialog-engine";
import { openPty, systemClock } from "@trust/dialog-engine/node";
import { claudePack } from "@trust/dialog-engine/packs";
import { endAgent, shellCode } from "@gatehouse/processes";
import { type AgentStart, startedFolder } from "./agent-start.ts";

/**
 * How an unattended agent's start ended. `screen` is its last screen: redacted, at most 8 KiB, one line per
 * row.
 */
export type AgentEnd =
  | { readonly state: "ready"; readonly code: "ready" }
  | {
      readonly state: "blocked";
      readonly code: DriveBlockedCode;
      /** The rule id of the unanswered dialog. */
      readonly dialog: string;
      /** The kind of consent that would answer it. */
      readonly consent?: string;
      readonly screen: string;
    }
  | { readonly state: "failed"; readonly code: "pty-unavailable"; readonly detail: string }
  /** `looked` names the places that were searched for the CLI. */
  | { readonly state: "failed"; readonly code: "cli-not-found"; readonly looked: string }
  | { readonly state: "failed"; readonly code: "timeout" | "cancelled"; readonly screen: string }
  /** If a signal ended the agent, `exitCode` is 128 plus its number, as in a shell. */
  | {
      readonly state: "exited";
      readonly code: "cli-exited";
      readonly exitCode: number;
      readonly screen: string;
    };

/** `agent` in the JSON of `gatehouse run`: how the start ended, a message, and a fix if there is one. */
export type AgentReport = AgentEnd & { readonly message: string; readonly fix?: string };

/** 0: ready; 3: a person is needed; 1: everything else. */
export const exitCodeOfAgent = ({ state }: AgentEnd): number =>
  state === "ready" ? 0 : state === "blocked" ? 3 : 1;

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
