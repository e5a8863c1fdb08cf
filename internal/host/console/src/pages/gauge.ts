import { html } from "hono/html";
import type { Html } from "./parts.ts";

/** How much of a limit is used, from 0 to 1, as a bar. The text beside it says the same. */
export const gaugeOf = (share: number): Html => {
  const part = Math.round(Math.min(1, Math.max(0, share)) * 100);
  const tone = share >= 1 ? "bad" : share >= 0.8 ? "wait" : "ok";
  return html`<svg class="gauge ${tone}" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="rest" width="100" height="8" rx="4" />
    ${part === 0 ? "" : html`<rect fill="currentColor" width="${part}" height="8" rx="4" />`}
  </svg>`;
};
