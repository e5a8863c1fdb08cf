import type { RulePack } from "./rule.ts";

const confirm = "Enter to confirm";
const signIn = "Onboarding and sign-in are a person's. A fresh profile never reaches the trust dialog.";

/**
 * Claude Code's start-up screens. Up to 2.1.247 the affirmative option of most dialogs stands first, from 2.1.248 the
 * refusing one does: nothing here says where an option is.
 *
 *      Accessing workspace:                             Do you trust the files in this folder?
 *      /tmp/h/w/proj                                    /tmp/h/w/proj
 *      Quick safety check: Is this a project ...        Claude Code may read files in this folder. ...
 *      ❯ No, exit                                       ❯ 1. Yes, proceed
 *        Yes, I trust this folder                         2. No, exit
 *      Enter to confirm · Esc to cancel                 Enter to confirm · Esc to exit
 */
export const claudePack: RulePack = {
  provider: "claude",
  // 2.1.328 holds a dialog's input for 150 ms and then mounts it again (the constant stands in its bundle). Measured
  // with Down and Enter, 20 runs each: after 144 ms 4 worked, after 146 ms 19, from 148 ms on all. Older versions lose
  // 20 - 100 ms.
  deadWindowMs: 170,
  readyStandsMs: 1_000,
  rules: [
    {
      type: "select",
      id: "claude/granted-permissions",
      kind: "granted-permissions",
      anchors: ["Accessing workspace:", "pre-approves", confirm],
      want: {
        accept: ["Yes, I trust this folder"],
        refuse: ["No, continue without these permissions", "No, exit"],
      },
      never: [],
      memory: "retry",
      seenIn: ["2.1.197", "2.1.247", "2.1.248", "2.1.328"],
      why: "The folder's own settings allow tools without asking: more than trust, so it has a consent of its own. In a worktree of a trusted repository it is asked although the plain dialog is not.",
    },
    {
      type: "select",
      id: "claude/trust",
      kind: "trust",
      anchors: ["Accessing workspace:", "Quick safety check", confirm],
      without: ["pre-approves"],
      want: { accept: ["Yes, I trust this folder"] },
      never: ["No, exit"],
      memory: "retry",
      seenIn: ["2.1.50", "2.1.113", "2.1.197", "2.1.247", "2.1.248", "2.1.328"],
      why: "Enter at first sight accepts up to 2.1.247 and refuses from 2.1.248 on. The body grows lines that depend on the folder, so only its fixed words are anchors.",
    },
    {
      type: "select",
      id: "claude/trust-files",
      kind: "trust",
      anchors: ["Do you trust the files in this folder?", "Claude Code may read", confirm],
      want: { accept: ["Yes, proceed"] },
      never: ["No, exit"],
      memory: "retry",
      seenIn: ["0.2.9", "0.2.126", "1.0.51", "1.0.128", "2.0.0", "2.0.37", "2.1.0"],
      why: "The wording up to 2.1.18; 0.2.9 has no digits. Gemini asks with the same title, hence the second anchor.",
    },
    {
      type: "select",
      id: "claude/api-key",
      kind: "api-key",
      anchors: ["Detected a custom API key in your environment", "Do you want to use this API key?", confirm],
      want: { use: ["Yes"], refuse: ["No (recommended)"] },
      never: [],
      memory: "retry",
      seenIn: ["1.0.51", "1.0.128", "2.0.37", "2.1.113", "2.1.197", "2.1.248", "2.1.328"],
      why: "Asked before trust up to 2.0.37 and after it from 2.0.77. A refusal is written to .claude.json (customApiKeyResponses.rejected), so it is no safe default.",
    },
    {
      type: "select",
      id: "claude/mcp-server",
      kind: "mcp",
      anchors: ["New MCP server found in", confirm],
      want: { use: ["Use this MCP server"], refuse: ["Continue without using this MCP server"] },
      never: ["Use this and all future MCP servers in this project"],
      // Its own constant in the bundle of 2.1.328: 250 ms, where most dialogs have 150. An arrow worked in 2 of 5 runs
      // after 200 ms, in 5 of 5 after 255 ms.
      deadWindowMs: 270,
      memory: "retry",
      seenIn: ["2.1.197", "2.1.247", "2.1.248", "2.1.328"],
      why: 'The server\'s command runs at once. "All future servers" was never asked of the caller, so it is never taken.',
    },
    {
      type: "select",
      id: "claude/external-imports",
      kind: "imports",
      anchors: ["Allow external CLAUDE.md file imports?", confirm],
      want: { allow: ["Yes, allow external imports"], refuse: ["No, disable external imports"] },
      never: [],
      memory: "retry",
      seenIn: ["0.2.126", "1.0.128", "2.0.37", "2.1.0", "2.1.50", "2.1.113", "2.1.197", "2.1.248", "2.1.328"],
      why: "A CLAUDE.md of the folder reads files outside it. 2.1.248 turned the preselected answer from yes to no.",
    },
    {
      type: "select",
      id: "claude/bypass",
      kind: "bypass",
      anchors: ["Claude Code running in Bypass Permissions mode", "you accept all responsibility", confirm],
      want: { accept: ["Yes, I accept"], refuse: ["No, exit"] },
      never: [],
      memory: "retry",
      seenIn: ["0.2.126", "1.0.51", "2.0.37", "2.1.112", "2.1.197", "2.1.250", "2.1.328"],
      why: "Asked under --dangerously-skip-permissions, for good. The status bar's own words for the mode are no anchor: they stand in a ready screen.",
    },
    {
      type: "select",
      id: "claude/resume-session",
      kind: "resume",
      anchors: ["This session is", "Resuming the full session uses a lot of your usage limits"],
      want: { summary: [/^Resume from summary\b/u] },
      never: ["Resume full session as-is", "Don't ask again"],
      memory: "once",
      seenIn: ["2.1.328 (read in its bundle)"],
      why: 'Asked when a long session is resumed. It offers no new session, so the answer "new" leaves it to a person. What it starts takes long to show, so it gets one Enter only.',
    },
    {
      type: "select",
      id: "claude/resume-conversation",
      kind: "resume",
      anchors: ["This conversation has been inactive for", "tokens long"],
      want: { new: [/^Start a new conversation\b/u], summary: [/^Resume from summary\b/u] },
      never: ["Resume"],
      memory: "once",
      seenIn: ["2.1.328 (read in its bundle)"],
      why: "The other wording of the same question; its options may carry a line of description.",
    },
    {
      type: "block",
      id: "claude/theme",
      code: "sign-in-needed",
      anchors: ["Choose the text style that looks best with your terminal"],
      seenIn: ["0.2.9", "1.0.51", "2.0.0", "2.1.0", "2.1.113", "2.1.328"],
      why: signIn,
    },
    {
      type: "block",
      id: "claude/sign-in",
      code: "sign-in-needed",
      anchors: ["Select login method:"],
      seenIn: ["1.0.51", "2.0.0", "2.1.113", "2.1.328"],
      why: signIn,
    },
    {
      type: "block",
      id: "claude/sign-in-code",
      code: "sign-in-needed",
      anchors: ["Paste code here if prompted"],
      seenIn: ["1.0.51", "2.1.328"],
      why: signIn,
    },
    {
      type: "block",
      id: "claude/sign-in-console",
      code: "sign-in-needed",
      anchors: ["Press Enter to login to your Anthropic Console account"],
      seenIn: ["0.2.9"],
      why: signIn,
    },
    {
      type: "block",
      id: "claude/no-connection",
      code: "no-connection",
      anchors: ["Unable to connect to Anthropic services"],
      seenIn: ["0.2.126", "1.0.51", "2.1.113", "2.1.197", "2.1.328"],
      why: "A fresh profile checks the connection before it asks anything, and exits with 1 without one.",
    },
    {
      type: "block",
      id: "claude/rate-limit",
      code: "consent-needed",
      anchors: ["What do you want to do?", "wait for limit to reset"],
      seenIn: ["2.1.328 (read in its bundle)"],
      why: "Waiting, upgrading or paying is a person's decision.",
    },
    {
      type: "ready",
      id: "claude/ready",
      anchors: [],
      status: [
        "? for shortcuts",
        "shift+tab to cycle",
        "auto mode on",
        "/effort",
        "Not logged in",
        "Missing API key",
      ],
      seenIn: ["0.2.126", "1.0.51", "1.0.128", "2.0.37", "2.1.113", "2.1.197", "2.1.248", "2.1.328"],
      why: "A prompt alone is not ready, nor is the banner: the composer's frame and its status line are two signals.",
    },
  ],
};
