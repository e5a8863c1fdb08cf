import type { DriveBlockedCode } from "@trust/dialog-engine";

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
