/** A step of a recording. Its texts are plain, and may hold any character. */
export type PageStep = {
  /** Milliseconds since the recording's start. */
  readonly at: number;
  readonly title: string;
  /** The screen; missing for a step of a conversation. */
  readonly screen?: string;
  readonly notes: readonly string[];
};

const style = `
:root { color-scheme: light dark; --line: #c9c9c9; --ink: #1a1a1a; --paper: #fff; --quiet: #565656; }
@media (prefers-color-scheme: dark) { :root { --line: #4a4a4a; --ink: #ededed; --paper: #161616; --quiet: #b4b4b4; } }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1, h2 { overflow-wrap: anywhere; }
h1 { font-size: 1.3rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; border-top: 1px solid var(--line); padding-top: .75rem; }
h2 span { color: var(--quiet); font-weight: 400; }
pre { overflow-x: auto; padding: .75rem; border-radius: .3rem; background: #1a1a1a; color: #ededed; font: 13px/1.3 ui-monospace, monospace; }
p { margin: .25rem 0; overflow-wrap: anywhere; white-space: pre-wrap; }
`;

/** A recording as one page, which needs no network and no script, and lets nothing load either. */
export const explainPage = (name: string, steps: readonly PageStep[]): string =>
  [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(name)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body>",
    "<main>",
    `<h1>${escaped(name)}</h1>`,
    ...steps.flatMap(stepRows),
    "</main>",
    "</body>",
    "</html>",
    "",
  ].join("\n");

const stepRows = ({ at, title, screen, notes }: PageStep): readonly string[] => [
  `<h2>${escaped(title)} <span>${(at / 1000).toFixed(3)} s</span></h2>`,
  ...(screen === undefined
    ? []
    : [`<pre tabindex="0" role="region" aria-label="Screen">${escaped(screen)}</pre>`]),
  ...notes.map((note) => `<p>${escaped(note)}</p>`),
];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => entities[letter] ?? letter);
