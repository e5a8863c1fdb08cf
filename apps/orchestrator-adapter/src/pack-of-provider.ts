import type { Provider } from "@gatehouse/provider-facts";
import type { RulePack } from "@trust/dialog-engine";
import { packs } from "@trust/dialog-engine/packs";

/** How the screens of a provider's CLI are read; null if it asks nothing when it starts and no rule recognises its prompt. */
export const packOfProvider = (provider: Provider): RulePack | null =>
  packs.find((pack) => pack.provider === provider) ?? null;
