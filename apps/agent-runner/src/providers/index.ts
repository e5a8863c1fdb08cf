import type { Provider } from "../provider.ts";
import { echo } from "./echo.ts";

const providers: Readonly<Record<string, () => Provider>> = { echo };

export const providerNames: readonly string[] = Object.keys(providers);

/** The provider of that name; null if this runner has none. */
export const providerNamed = (name: string): Provider | null =>
  Object.hasOwn(providers, name) ? (providers[name]?.() ?? null) : null;
