import type { DriveBlockedCode } from "@trust/dialog-engine";

/** How an agent's start ended, where nobody was attached. `screen`: the last one, redacted, at most 8 KiB, one line a row. */
export type AgentEnd =
  | { readonly state: "ready"; readonly code: "ready" }
  | {
      readonly state: "blocked";
      readonly code: DriveBlockedCode;
      /** The dialog that stands unanswered, by its rule's id. */
      readonly dialog: string;
      /** The kind of consent that would answer it. */
      readonly consent?: string;
      readonly screen: string;
    }
  | { readonly state: "failed"; readonly code: "pty-unavailable"; readonly detail: string }
  | { readonly state: "failed"; readonly code: "timeout" | "cancelled"; readonly screen: string }
  /** `exitCode` is 128 and the signal's number where one ended it, as in a shell. */
  | {
      readonly state: "exited";
      readonly code: "cli-exited";
      readonly exitCode: number;
      readonly screen: string;
    };

/** `agent` in the JSON of `gatehouse run`: the end, what happened in words, and what to do where something can be done. */
export type AgentReport = AgentEnd & { readonly message: string; readonly fix?: string };

/** 0 it was ready, 3 a person is needed, 1 everything else. */
export const exitCodeOfAgent = ({ state }: AgentEnd): number =>
  state === "ready" ? 0 : state === "blocked" ? 3 : 1;
