import type { Provider } from "@gatehouse/std";

/** Something that happened to an agent. `why` is for a person; the rest is what a runtime reads. */
export type Happening =
  | { readonly event: "started" | "ready" }
  | {
      readonly event: "workspace_trust_required";
      readonly key: string | null;
      readonly code: string;
      readonly why: string;
    }
  | { readonly event: "diagnostic"; readonly code: string; readonly why: string }
  /** `exitCode` is 128 and the signal's number where one ended it, as in a shell. */
  | { readonly event: "exited"; readonly exitCode: number };

/** One line of the JSON output. */
export type AdapterEvent = {
  readonly v: 1;
  readonly event: Happening["event"];
  readonly provider: Provider;
  /** Absolute, as the caller named it. */
  readonly folder: string;
  /** The folder by which the provider records trust. */
  readonly key?: string;
  readonly code?: string;
  readonly exitCode?: number;
};

/** Whose agent it is. */
export type Whose = { readonly provider: Provider; readonly folder: string };

export const eventOf = (happening: Happening, { provider, folder }: Whose): AdapterEvent => ({
  v: 1,
  event: happening.event,
  provider,
  folder,
  ...("key" in happening && happening.key !== null ? { key: happening.key } : {}),
  ...("code" in happening ? { code: happening.code } : {}),
  ...("exitCode" in happening ? { exitCode: happening.exitCode } : {}),
});
