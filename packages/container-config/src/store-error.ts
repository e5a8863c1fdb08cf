import type { InvalidConfig, UnreadableConfig } from "./config-error.ts";

/** What a call of the store can be refused with; nothing is changed then. */
export type StoreError =
  | InvalidConfig
  | UnreadableConfig
  | { readonly code: "no-configuration"; readonly groupId: string }
  | { readonly code: "configuration-exists"; readonly groupId: string }
  | {
      readonly code: "generation-conflict";
      readonly groupId: string;
      readonly expected: number;
      readonly current: number;
    }
  | {
      readonly code: "no-such-generation";
      readonly groupId: string;
      readonly generation: number;
      readonly current: number;
    };
