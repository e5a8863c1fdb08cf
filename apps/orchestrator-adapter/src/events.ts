import type { Provider } from "@gatehouse/std";

/** An event of an agent. `why` becomes the message of its line. */
export type Happening =
  /** It runs, is recorded, and is found by these. */
  | ({ readonly event: "held" } & HeldPlace)
  | { readonly event: "started" | "ready" }
  | {
      readonly event: "workspace_trust_required";
      readonly key: string | null;
      readonly code: string;
      readonly why: string;
    }
  | { readonly event: "diagnostic"; readonly code: string; readonly why: string }
  /**
   * `exitCode` is 128 plus the signal's number if a signal ended the agent, as in a shell. `why` holds the
   * agent's own last words, if it failed before its prompt.
   */
  | {
      readonly event: "exited";
      readonly exitCode: number;
      readonly why?: string;
      /** The file with the recording of its start, if one was asked for. */
      readonly recording?: string;
    };

/** By what a held agent is found. */
export type HeldPlace = {
  readonly id: string;
  /** The holding process. */
  readonly holder: number;
  /** The agent's process, which leads its group. */
  readonly pid: number;
  readonly start: string | null;
  readonly token: number;
  /** The control socket. */
  readonly socket: string;
};

/** One line of the JSON output. */
export type AdapterEvent = Partial<HeldPlace> & {
  readonly v: 1;
  readonly event: Happening["event"];
  readonly provider: Provider;
  /** The absolute path that the caller gave. */
  readonly folder: string;
  /** The folder under which the provider records trust. */
  readonly key?: string;
  readonly code?: string;
  readonly exitCode?: number;
  /** What happened, for a person; for `exited` the agent's own last screen. */
  readonly message?: string;
  /** The file with the recording of the start. */
  readonly recording?: string;
};

/** The provider and the folder of an agent. */
export type Whose = { readonly provider: Provider; readonly folder: string };

export const eventOf = (happening: Happening, { provider, folder }: Whose): AdapterEvent => ({
  v: 1,
  ...(happening.event === "held" ? happening : { event: happening.event }),
  provider,
  folder,
  ...("key" in happening && happening.key !== null ? { key: happening.key } : {}),
  ...("code" in happening ? { code: happening.code } : {}),
  ...("exitCode" in happening ? { exitCode: happening.exitCode } : {}),
  ...("why" in happening ? { message: happening.why } : {}),
  ...("recording" in happening ? { recording: happening.recording } : {}),
});
