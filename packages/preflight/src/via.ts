/** How a folder's trust was asked for: the CLI's control protocol, its dialog, its launch line; `none` where nothing was asked. */
export const vias = ["control", "dialog", "launch", "none"] as const;
export type Via = (typeof vias)[number];

/** What a caller may want: `auto` takes the first of `control` and `dialog` that the installed CLI has. */
export const viaChoices = ["auto", "control", "dialog"] as const;
export type ViaChoice = (typeof viaChoices)[number];
