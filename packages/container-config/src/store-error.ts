import type { InvalidConfig, UnreadableConfig } from "./config-error.ts";

/** The reason why the store refused a call. The call changed nothing. */
export type StoreError =
  | InvalidConfig
  | UnreadableConfig
  | { readonly code: "no-configuration"; readonly groupId: string }
  | { readonly code: "configuration-exists"; readonly groupId: string }
  | GenerationConflict
  | {
      readonly code: "no-such-generation";
      readonly groupId: string;
      readonly generation: number;
      readonly current: number;
    };

/** The configuration is not at the generation that the caller named. */
export type GenerationConflict = {
  readonly code: "generation-conflict";
  readonly groupId: string;
  readonly expected: number;
  readonly current: number;
};
