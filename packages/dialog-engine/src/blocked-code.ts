/** Why a screen is a person's: `dialog` names it. */
export type DriveBlockedCode =
  "sign-in-needed" | "no-connection" | "unknown-dialog" | "consent-needed" | "screen-reader-dialog";
