/** How a folder's trust was asked for; `none` if nothing was asked. */
export const vias = ["control", "dialog", "launch", "none"] as const;
export type Via = (typeof vias)[number];

/** The caller's choice: `auto` takes the first of `control` and `dialog` that the installed CLI has. */
export const viaChoices = ["auto", "control", "dialog"] as const;
export type ViaChoice = (typeof viaChoices)[number];
