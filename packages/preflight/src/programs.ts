import type { Provider } from "./request.ts";

/** What has to be known about a provider's program before it is started. */
export type Program = {
  readonly provider: Provider;
  /** As a person calls it. */
  readonly title: string;
  /** The file's name on PATH. */
  readonly file: string;
  readonly npmPackage: string;
  /** The version that is named to somebody who has none. */
  readonly npmVersion: string;
  /** The oldest version that can be prepared, and the reason. */
  readonly oldest: { readonly version: string; readonly why: string };
  /** First and last version of the matrix in compat/ that the rules are proven against. */
  readonly proven: { readonly from: string; readonly to: string };
};

export const programs: { readonly [P in Provider]: Program } = {
  claude: {
    provider: "claude",
    title: "Claude Code",
    file: "claude",
    npmPackage: "@anthropic-ai/claude-code",
    npmVersion: "2.1.328",
    oldest: { version: "2.1.81", why: "it does not know --bare, which keeps the folder's own settings out" },
    proven: { from: "2.1.113", to: "2.1.328" },
  },
};

export const installCommand = ({ npmPackage, npmVersion }: Program): string =>
  `npm install -g ${npmPackage}@${npmVersion}`;
