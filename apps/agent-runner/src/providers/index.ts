import type { Provider, ProviderPlace } from "../provider.ts";
import { opencode } from "../acp/index.ts";
import { codex } from "../codex/codex.ts";
import { triedClaude } from "../trial/tried-claude.ts";
import { echo } from "./echo.ts";

const providers: Readonly<Record<string, (place: ProviderPlace) => Provider>> = {
  echo,
  claude: triedClaude,
  codex,
  opencode,
};

export const providerNames: readonly string[] = Object.keys(providers);

/** Makes the provider of this name; null if this runner has none. */
export const providerOf = (name: string): ((place: ProviderPlace) => Provider) | null =>
  Object.hasOwn(providers, name) ? (providers[name] ?? null) : null;
