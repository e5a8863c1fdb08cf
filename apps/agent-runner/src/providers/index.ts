import type { OwnProvider } from "../container-json.ts";
import type { Provider, ProviderPlace } from "../provider.ts";

type MakeProvider = (place: ProviderPlace) => Provider;

/** Each is loaded when it is used: with all of them, the start of a runner takes twice as long. */
const providers: Readonly<Record<string, () => Promise<MakeProvider>>> = {
  echo: async () => (await import("./echo.ts")).echo,
  claude: async () => (await import("../trial/tried-claude.ts")).triedClaude,
  codex: async () => (await import("../codex/codex.ts")).codex,
  opencode: async () => (await import("../acp/index.ts")).opencode,
  qwen: async () => (await import("../acp/index.ts")).qwen,
  kimi: async () => (await import("../acp/index.ts")).kimi,
  copilot: async () => (await import("../acp/index.ts")).copilot,
  gemini: async () => (await import("../acp/index.ts")).gemini,
};

export const providerNames: readonly string[] = Object.keys(providers);

/** Loads the provider of this name, or of the operator's row; null if this runner has none. */
export const providerOf = async (name: string, own: OwnProvider | null): Promise<MakeProvider | null> =>
  own !== null
    ? (await import("../acp/index.ts")).ownProvider(own)
    : Object.hasOwn(providers, name)
      ? ((await providers[name]?.()) ?? null)
      : null;
