/** The answers that `init` needs for the first group. */
export type InitAnswers = {
  readonly name: string;
  /** Under groups/, one name. */
  readonly folder: string;
  /** `<channel>:<handle>`. */
  readonly owner: string;
  readonly provider: string;
};

/** The providers that the runner has, the first one is the default. */
export const runnableProviders: readonly { readonly name: string; readonly hint: string }[] = [
  { name: "echo", hint: "says your words back: to try the host. Real agents come in a later release." },
];
