import type { Text } from "../wording/dialog-text.ts";
import type { RulePack, SelectRule } from "../rules/rule.ts";

/** The footers. The text for Esc was "exit" up to 2.0.37; 1.0.x and the older key dialogs use another dot. */
const footer: Text = [
  {
    oneOf: [
      "Enter to confirm · Esc to cancel",
      "Enter to confirm · Esc to exit",
      "Enter to confirm ․ Esc to cancel",
      "Enter to confirm · Esc to disable external includes",
      // From 2.1.332 on.
      "Enter to confirm · Esc to disable",
      "Enter to confirm · Esc to reject",
    ],
  },
];

const isItYours =
  "Quick safety check: Is this a project you created or one you trust? (Like your own code, a well-known open source project, or work from your team). If not, take a moment to review what's in this folder first.";
const ableTo = "Claude Code'll be able to read, edit, and execute files here.";
/** The commands and servers that the folder's own settings start, from 2.1.328 on. */
const loads: Text[number] = { maybe: ["Trusting this folder loads {loads}."] };
/** From 2.1.332 on. The hooks need no consent of their own: they are among what trust loads. */
const configuresHooks: Text[number] = {
  maybe: ["⚠ This folder configures hooks that can run commands without asking, declared in {list}"],
};

/** Up to 2.1.18 one more sentence appears between these if the folder brings servers, hooks or commands. */
const readWriteExecute = (brings: string): string =>
  `Claude Code may read, write, or execute files contained in this directory. This can pose security risks, so only use files ${brings}from trusted sources.`;

const asTrust = {
  type: "select",
  kind: "trust",
  commits: true,
  footer,
  memory: "retry",
} as const satisfies Partial<SelectRule>;

const ofMcp =
  "MCP servers may execute code or access system resources. All tool calls require approval. Learn more in the MCP documentation.";
const severalMcp = {
  type: "select",
  kind: "mcp",
  title: "{count} new MCP servers found in {place}",
  body: ["Select any you wish to enable.", ofMcp],
  deadWindowMs: 270,
  memory: "retry",
} as const satisfies Partial<SelectRule>;
/** A server with its box ticked. Its name is one word. At first every box is ticked. */
const ticked = /^\[✔\] \S+$/u;

const leftToPerson = { type: "block", code: "consent-needed" } as const;
const signIn = "Onboarding and sign-in are left to a person. A fresh profile never reaches the trust dialog.";

/**
 * Claude Code's start-up screens. Up to 2.1.247 the affirmative option of most dialogs comes first, from
 * 2.1.248 on the refusing option does. So no rule here gives an option's position.
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
  // 2.1.328 holds a dialog's input for 150 ms and then mounts it again (the constant is in its bundle). Measured with
  // Down and Enter, 20 runs each: after 144 ms 4 worked, after 146 ms 19, from 148 ms on all. Older versions lose
  // 20 - 100 ms.
  deadWindowMs: 170,
  readyStandsMs: 1_000,
  // 2.1.328 with an API key and without a network draws nothing for 5 s before the trust dialog, and nothing for
  // another 13 s after it; in a trusted folder, or with --bare, nothing for 17 - 18.6 s.
  blankMs: 25_000,
  // ● is the bullet of its replies and notices.
  lists: { pointers: "❯›>●", bullets: "●" },
  slots: {
    // ".claude/settings.json (runs commands and sets environment variables) and .mcp.json here or above (MCP
    // servers)"
    loads:
      /^(?:(?:^|, |,? and )\.[\w./-]+(?: here or above)?(?: \((?:runs commands|sets environment variables|runs commands and sets environment variables|MCP servers)\))?)+$/u,
    // "Bash", "Bash(npm test) and Read", "Bash, Edit, and 3 more"
    grants:
      /^(?:(?:^|, |,? and )(?:[A-Za-z_*][\w*-]*(?:\((?:[^()]|\([^()]*\))*\))?|\d+ more))+$|^\(rule names contain unprintable characters\)$/u,
    // "• .claude/settings.json", "• .mcp.json (demo)"
    executed: /^(?:(?:^| )• \.[\w./-]+(?: \([\w .:@/,-]+\))?)+$/u,
    // The first form from 2.1.197 on, the second one before.
    place: /^(?:this project|\.mcp\.json)$/u,
    // The end of a key in a recording, which the recorder replaced.
    masked: /^\*{8,}$/u,
    // "45m", "3h 20m", "2d 1h"
    age: /^\d+[smhd](?: \d+[smhd])*$/u,
    // One path per row. A path with a space in it is left to a person.
    paths: /^[~/]\S*(?: [~/]\S*)*$/u,
  },
  rules: [
    {
      type: "select",
      id: "claude/granted-permissions",
      kind: "granted-permissions",
      commits: true,
      title: "Accessing workspace:",
      body: [
        "{folder}",
        isItYours,
        ableTo,
        {
          maybe: [
            "⚠ This folder pre-approves 1 tool permission in {list}: {grants}",
            "⚠ This folder pre-approves {count} tool permissions in {list}: {grants}",
          ],
        },
        {
          maybe: [
            "⚠ This folder adds 1 directory to the workspace in {list}: {list}",
            "⚠ This folder adds {count} directories to the workspace in {list}: {list}",
          ],
        },
        "These will apply without asking. Only proceed if you trust this configuration.",
        configuresHooks,
        loads,
        "Security guide",
      ],
      footer,
      want: {
        accept: ["Yes, I trust this folder"],
        refuse: ["No, continue without these permissions", "No, exit"],
      },
      never: [],
      memory: "retry",
      seenIn: ["2.1.197", "2.1.247", "2.1.248", "2.1.328", "2.1.332"],
      why: "The folder's own settings allow tools without asking: more than trust, so it has a consent of its own. In a worktree of a trusted repository it is asked although the plain dialog is not.",
    },
    {
      ...asTrust,
      id: "claude/trust",
      title: "Accessing workspace:",
      body: [
        "{folder}",
        isItYours,
        ableTo,
        { maybe: ["This is your home folder, so Yes lasts for this session only."] },
        configuresHooks,
        loads,
        "Security guide",
      ],
      want: { accept: ["Yes, I trust this folder"] },
      never: ["No, exit"],
      seenIn: ["2.1.50", "2.1.113", "2.1.197", "2.1.247", "2.1.248", "2.1.328", "2.1.332"],
      why: "Enter at first sight accepts up to 2.1.247 and refuses from 2.1.248 on. The body grows lines that depend on the folder.",
    },
    {
      ...asTrust,
      id: "claude/trust-files",
      title: "Do you trust the files in this folder?",
      body: [
        "{folder}",
        {
          oneOf: [
            "Claude Code may read files in this folder. Reading untrusted files may lead to Claude Code to behave in an unexpected ways.",
            "Claude Code may read files in this folder. Reading untrusted files may lead Claude Code to behave in an unexpected ways.",
            "Claude Code may read files in this folder. Reading untrusted files may lead Claude Code to behave in unexpected ways.",
            readWriteExecute(""),
            readWriteExecute("and MCP servers "),
            readWriteExecute("and bash commands "),
            readWriteExecute("and hooks "),
          ],
        },
        {
          maybe: [
            "With your permission Claude Code may execute files in this folder. Executing untrusted code is unsafe.",
            "Execution allowed by: {executed}",
          ],
        },
        { oneOf: ["Learn more ( {link} )", "Learn more", "{link}"] },
      ],
      want: { accept: ["Yes, proceed"] },
      never: ["No, exit"],
      seenIn: ["0.2.9", "0.2.126", "1.0.51", "1.0.128", "2.0.0", "2.0.37", "2.1.0"],
      why: "The wording up to 2.1.18; 0.2.9 has no digits. Gemini asks with the same title.",
    },
    {
      type: "select",
      id: "claude/api-key",
      kind: "api-key",
      title: "Detected a custom API key in your environment",
      body: [
        { oneOf: ["ANTHROPIC_API_KEY: sk-ant-...{word}", "ANTHROPIC_API_KEY: {masked}"] },
        "Do you want to use this API key?",
      ],
      footer,
      want: { use: ["Yes"], refuse: ["No (recommended)"] },
      never: [],
      memory: "retry",
      seenIn: ["1.0.51", "1.0.128", "2.0.37", "2.1.113", "2.1.197", "2.1.248", "2.1.328", "2.1.332"],
      why: "Asked before trust up to 2.0.37 and after it from 2.0.77. A refusal is written to .claude.json (customApiKeyResponses.rejected), so it is no safe default.",
    },
    {
      type: "select",
      id: "claude/mcp-server",
      kind: "mcp",
      title: "New MCP server found in {place}: {word}",
      body: [ofMcp],
      footer,
      want: { use: ["Use this MCP server"], refuse: ["Continue without using this MCP server"] },
      never: ["Use this and all future MCP servers in this project"],
      // Its own constant in the bundle of 2.1.328: 250 ms, where most dialogs have 150. An arrow worked in 2
      // of 5 runs after 200 ms, in 5 of 5 after 255 ms.
      deadWindowMs: 270,
      memory: "retry",
      seenIn: ["2.1.197", "2.1.247", "2.1.248", "2.1.328", "2.1.332"],
      why: 'The server\'s command runs at once. The caller was never asked about "all future servers", so that option is never taken.',
    },
    {
      ...severalMcp,
      id: "claude/mcp-servers",
      footer: ["Space to select · Esc to reject all"],
      want: { use: ["Enable selected"] },
      never: [ticked],
      seenIn: ["2.1.328", "2.1.332"],
      why: 'Two servers or more. A separate row takes the ticked ones. Only Space and Esc refuse, so the answer "refuse" leaves the dialog to a person, and so does a box that is not ticked.',
    },
    {
      ...severalMcp,
      id: "claude/mcp-servers-at-once",
      footer: ["Space to select · Enter to confirm · Esc to reject all"],
      want: { use: [ticked] },
      never: [],
      takesAll: true,
      seenIn: ["2.1.197"],
      why: "The older form: Enter on any row takes all that is ticked.",
    },
    {
      type: "select",
      id: "claude/external-imports",
      kind: "imports",
      title: "Allow external CLAUDE.md file imports?",
      body: [
        {
          oneOf: [
            "This project's CLAUDE.md imports files outside the current working directory. Never allow this for third-party repositories.",
            "This project's CLAUDE.md or .claude/rules imports files outside the current working directory. Never allow this for third-party repositories.",
          ],
        },
        { maybe: ["External imports: {paths}"] },
        "Important: Only use Claude Code with files you trust. Accessing untrusted files may pose security risks {link}",
      ],
      footer,
      want: { allow: ["Yes, allow external imports"], refuse: ["No, disable external imports"] },
      never: [],
      memory: "retry",
      seenIn: [
        "0.2.126",
        "1.0.128",
        "2.0.37",
        "2.1.0",
        "2.1.50",
        "2.1.113",
        "2.1.197",
        "2.1.248",
        "2.1.328",
        "2.1.332",
      ],
      why: "A CLAUDE.md of the folder reads files outside it. 2.1.248 turned the preselected answer from yes to no.",
    },
    {
      type: "select",
      id: "claude/bypass",
      kind: "bypass",
      title: "WARNING: Claude Code running in Bypass Permissions mode",
      body: [
        "In Bypass Permissions mode, Claude Code will not ask for your approval before running potentially dangerous commands.",
        "This mode should only be used in a sandboxed container/VM that has restricted internet access and can easily be restored if damaged.",
        "By proceeding, you accept all responsibility for actions taken while running in Bypass Permissions mode.",
        "{link}",
      ],
      footer,
      want: { accept: ["Yes, I accept"], refuse: ["No, exit"] },
      never: [],
      memory: "retry",
      seenIn: ["0.2.126", "1.0.51", "2.0.37", "2.1.112", "2.1.197", "2.1.250", "2.1.328"],
      why: "Asked under --dangerously-skip-permissions, for good. The status bar names the mode on a ready screen too, so that name is no anchor.",
    },
    {
      type: "select",
      id: "claude/resume-session",
      kind: "resume",
      title: "This session is {age} old and {word} tokens.",
      body: [
        {
          oneOf: [
            "Resuming the full session uses a lot of your usage limits. Resuming from a summary uses less.",
            "Resuming the full session will consume a substantial portion of your usage limits. We recommend resuming from a summary.",
          ],
        },
      ],
      footer: [{ maybe: ["Enter to confirm · Esc to cancel"] }],
      want: { summary: [/^Resume from summary(?: \((?:instant, )?recommended\))?$/u] },
      never: ["Resume full session as-is", /^Don't ask (?:me )?again$/u],
      needsAllLabels: true,
      memory: "once",
      seenIn: ["2.1.328 (read in its bundle)", "2.1.1xx (the second wording: other projects' captures)"],
      why: 'Asked when a long session is resumed. It offers no new session, so the answer "new" leaves it to a person. The resumed session takes long to appear, so the dialog gets one Enter only.',
    },
    {
      type: "select",
      id: "claude/resume-conversation",
      kind: "resume",
      title: "Resume this conversation?",
      body: [
        "This conversation has been inactive for {age} and is {word} tokens long.",
        {
          oneOf: [
            "Resuming it will use all of your 5-hour usage limit.",
            "Resuming it will use about {count}% of your 5-hour usage limit.",
          ],
        },
        { maybe: ["Your unsent message will still be there after you answer."] },
      ],
      footer: [{ oneOf: ["Enter to confirm · Esc to dismiss", "Enter to confirm · Esc to resume"] }],
      want: { new: [/^Start a new conversation\b/u], summary: [/^Resume from summary\b/u] },
      never: ["Resume"],
      memory: "once",
      seenIn: ["2.1.328 (read in its bundle)"],
      why: "The other wording of the same question; its options may carry a line of description. The last option is not always there: only the row of keys shows that the list is whole.",
    },
    {
      type: "select",
      id: "claude/auto-mode-default",
      kind: "auto-mode",
      title: "Make auto mode your default permission mode?",
      body: [
        {
          maybe: [
            "Auto mode lets Claude handle permission prompts automatically. Claude checks each tool call for risky actions and prompt injection before executing, runs the ones it assesses as lower-risk, and blocks the rest.",
          ],
        },
      ],
      footer: [{ maybe: ["Enter to confirm · Esc to cancel"] }],
      want: {
        set: ["Yes, set auto mode as my default permission mode"],
        keep: [
          /^No, keep (?:the current mode|manual mode|don't ask|bypass permissions|accept edits|plan mode)$/u,
        ],
      },
      never: [],
      needsAllLabels: true,
      memory: "retry",
      seenIn: [
        "2.1.233, 2.1.286 (other projects' captures)",
        "2.1.328 (the whole text, read in its bundle; no footer)",
      ],
      why: "Offered beside the composer of an account. Yes is preselected, and Enter writes it to the user's settings.",
    },
    {
      ...leftToPerson,
      id: "claude/auto-mode-setup",
      anchors: ["Teach auto mode about your environment?"],
      seenIn: ["2.1.278, 2.1.283 (other projects' captures)", "2.1.328 (title, read in its bundle)"],
      why: "Yes runs a wizard that writes a description of the project to the user's settings. Its second page has the same title.",
    },
    {
      ...leftToPerson,
      id: "claude/auto-mode",
      anchors: ["Enable auto mode?"],
      seenIn: ["2.1.28x (other projects' captures)"],
      why: "A person decides what runs without a question.",
    },
    {
      ...leftToPerson,
      id: "claude/fullscreen",
      anchors: ["Try the new fullscreen renderer?"],
      seenIn: ["2.1.257 (other projects' captures)", "2.1.328 (read in its bundle)"],
      why: "Yes restarts the CLI, in another renderer.",
    },
    {
      ...leftToPerson,
      id: "claude/development-channels",
      anchors: ["WARNING: Loading development channels"],
      seenIn: ["2.1.328 (read in its bundle)"],
      why: "Anyone may have written a channel that the command line names.",
    },
    {
      ...leftToPerson,
      id: "claude/terminal-setup",
      anchors: ["Use Claude Code's terminal setup?"],
      seenIn: ["2.1.328 (read in its bundle)"],
      why: "It changes the terminal's settings, outside of Claude Code too.",
    },
    {
      ...leftToPerson,
      id: "claude/consumer-terms",
      anchors: ["Updates to Consumer Terms and Policies"],
      seenIn: ["2.1.328 (read in its bundle)"],
      why: "Only a person may accept terms.",
    },
    {
      ...leftToPerson,
      id: "claude/managed-settings",
      anchors: ["Managed settings require approval"],
      seenIn: ["2.1.328 (title, read in its bundle)"],
      why: "Settings of an organization that run commands.",
    },
    {
      ...leftToPerson,
      id: "claude/broken-configuration",
      anchors: ["Configuration error", "Reset to default configuration"],
      seenIn: ["2.1.328 (read in its bundle)"],
      why: "One option throws the user's configuration away.",
    },
    {
      type: "block",
      id: "claude/security-notes",
      code: "sign-in-needed",
      anchors: ["Security notes:", "Press Enter to continue"],
      seenIn: ["2.1.14 (other projects' captures)", "2.1.328 (read in its bundle)"],
      why: signIn,
    },
    {
      type: "block",
      id: "claude/signed-in",
      code: "sign-in-needed",
      anchors: ["Login successful", "Press Enter to continue"],
      seenIn: ["2.1.14 (other projects' captures)"],
      why: signIn,
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
      seenIn: ["1.0.51, 2.0.0, 2.1.113, 2.1.328 (behind a stand-in for the service, not kept)"],
      why: signIn,
    },
    {
      type: "block",
      id: "claude/sign-in-code",
      code: "sign-in-needed",
      anchors: ["Paste code here if prompted"],
      seenIn: ["1.0.51 (behind a stand-in for the service, not kept)", "2.1.328 (read in its bundle)"],
      why: signIn,
    },
    {
      type: "block",
      id: "claude/sign-in-console",
      code: "sign-in-needed",
      anchors: ["Press Enter to login to your Anthropic Console account"],
      seenIn: ["0.2.9 (recorded, not kept)"],
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
        "manual mode on",
        "/effort",
        "Not logged in",
        "Missing API key",
      ],
      // The composers of `claude agents` and of the search in its history.
      without: ["describe a task for a new session", "search prompts:"],
      seenIn: ["0.2.126", "1.0.51", "1.0.128", "2.0.37", "2.1.113", "2.1.197", "2.1.248", "2.1.328"],
      why: "A prompt alone does not mean ready, nor does the banner: the composer's frame and its status line are two signals.",
    },
  ],
};
