import { acpNames } from "@gatehouse/provider-facts/agents";
import type { OwnProvider } from "../container-json.ts";
import type { Provider, ProviderPlace } from "../provider.ts";

type MakeProvider = (place: ProviderPlace) => Provider;

/** Those that do not speak ACP. Each is loaded when it is used: with all of them, the start of a runner takes twice as long. */
const others: Readonly<Record<string, () => Promise<MakeProvider>>> = {
  echo: async () => (await import("./echo.ts")).echo,
  claude: async () => (await import("../trial/tried-claude.ts")).triedClaude,
  codex: async () => (await import("../codex/codex.ts")).codex,
};

export const providerNames: readonly string[] = [...Object.keys(others), ...acpNames];

/** Loads the provider of this name, or of the operator's row; null if this runner has none. */
export const providerOf = async (name: string, own: OwnProvider | null): Promise<MakeProvider | null> => {
  const acpName = acpNames.find((known) => known === name);
  if (own === null && acpName === undefined)
    return Object.hasOwn(others, name) ? ((await others[name]?.()) ?? null) : null;
  const { acpProvider, ownProvider } = await import("../acp/index.ts");
  if (own !== null) return ownProvider(own);
  return acpName === undefined ? null : acpProvider(acpName);
};
