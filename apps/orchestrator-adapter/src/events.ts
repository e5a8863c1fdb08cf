import type { Held } from "@gatehouse/agents/holder";
import type { Provider } from "@gatehouse/provider-facts";

/** An event of an agent. `why` becomes the message of its line. */
export type LaunchEvent =
  /** The agent runs and is recorded; these fields identify it. */
  | ({ readonly event: "held" } & Held)
  | { readonly event: "started" | "ready" }
  | {
      readonly event: "workspace_trust_required";
      readonly key: string | null;
      readonly code: string;
      readonly why: string;
    }
  | { readonly event: "diagnostic"; readonly code: string; readonly why: string }
  /**
   * `exitCode` is 128 plus the signal's number if a signal ended the agent, as in a shell. `why` has the
   * agent's last screen, if it failed before its prompt.
   */
  | {
      readonly event: "exited";
      readonly exitCode: number;
      readonly why?: string;
      /** The file with the recording of its start, if one was requested. */
      readonly recording?: string;
    };

/** One line of the JSON output. */
export type AdapterEvent = Partial<Held> & {
  readonly v: 1;
  readonly event: LaunchEvent["event"];
  readonly provider: Provider;
  /** The absolute path that the caller gave. */
  readonly folder: string;
  /** The folder under which the provider records trust. */
  readonly key?: string;
  readonly code?: string;
  readonly exitCode?: number;
  /** The event in words, for a person; for `exited` the agent's own last screen. */
  readonly message?: string;
  /** The file with the recording of the start. */
  readonly recording?: string;
};

/** The provider and the folder of an agent. */
export type LaunchedAgent = { readonly provider: Provider; readonly folder: string };

export const eventOf = (event: LaunchEvent, { provider, folder }: LaunchedAgent): AdapterEvent => ({
  v: 1,
  ...(event.event === "held" ? event : { event: event.event }),
  provider,
  folder,
  ...("key" in event && event.key !== null ? { key: event.key } : {}),
  ...("code" in event ? { code: event.code } : {}),
  ...("exitCode" in event ? { exitCode: event.exitCode } : {}),
  ...("why" in event ? { message: event.why } : {}),
  ...("recording" in event ? { recording: event.recording } : {}),
});
