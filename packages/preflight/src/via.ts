/** The way in which a folder's trust was requested; `none` if nothing was requested. */
export const vias = ["control", "dialog", "launch", "none"] as const;
export type Via = (typeof vias)[number];

/** The caller's choice: `auto` uses the first of `control` and `dialog` that the installed CLI has. */
export const viaChoices = ["auto", "control", "dialog"] as const;
export type ViaChoice = (typeof viaChoices)[number];
